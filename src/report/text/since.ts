import { SoapBenchError, exitCodes } from '../../errors.js';

const seconds = { m: 60, h: 3600, d: 86_400, w: 604_800 };

/**
 * The time that `2026-11-22`, `2026-11-22T14:30` (local time) or `90m`, `12h`, `3d`, `2w` (before now) mean.
 * @throws {SoapBenchError} `time_invalid` (exit code 2).
 */
export function parseSince(text: string, now = new Date()): Date {
  const ago = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(text);
  if (ago !== null) return new Date(now.getTime() - 1000 * Number(ago[1]) * seconds[ago[2] as keyof typeof seconds]);
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  // A date alone would be read as UTC.
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? new Date(isDay ? `${text}T00:00` : text) : new Date(NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw new SoapBenchError('time_invalid', `"${text}" is no time`, {
    exitCode: exitCodes.usage,
    hint: 'write a day (2026-11-22), a time (2026-11-22T14:30), or how long ago: 90m, 12h, 3d, 2w',
  });
}

/** `2026-11-22 14:30`, local time. */
export function clockText(iso: string): string {
  const time = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
