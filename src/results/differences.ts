import { isDeepStrictEqual } from 'node:util';

/** Where two values of plain data differ, one line a place: `train.steps: 200 before, 400 now`. */
export function differences(before: unknown, now: unknown, path = ''): string[] {
  if (isDeepStrictEqual(before, now)) return [];
  if (!isMapping(before) || !isMapping(now)) return [`${path}: ${textOf(before)} before, ${textOf(now)} now`];
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...keys].flatMap((key) => differences(before[key], now[key], path === '' ? key : `${path}.${key}`));
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
