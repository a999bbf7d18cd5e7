import { ratioText } from '../../format.js';
import type { EfficiencyRow } from './efficiency.js';
import type { Ratio } from './ratio.js';

/** `0.57× [0.55, 0.60]`; an end that lies beyond all that was trained is left open: `[<, 0.60]`. */
export function intervalText({ value, low, high }: Ratio): string {
  if (Number.isNaN(value)) return 'unknown';
  return Number.isNaN(low) ? ratioText(value) : `${ratioText(value)} ${endsText({ low, high })}`;
}

/** The same of a row; `< 0.50×` where it lies below all that was trained. */
export function rowRatioText(row: EfficiencyRow, name: 'steps_ratio' | 'time_ratio'): string {
  const { value, low, high } = row[name];
  const limit = row.beyond?.[name] ?? NaN;
  if (!Number.isNaN(value) || Number.isNaN(limit)) return intervalText(row[name]);
  const isBelow = row.beyond?.side === 'below';
  const reachesOver = isBelow ? high > limit : low < limit;
  return `${isBelow ? '<' : '>'} ${ratioText(limit)}${reachesOver ? ` ${endsText({ low, high })}` : ''}`;
}

function endsText({ low, high }: Pick<Ratio, 'low' | 'high'>): string {
  const end = (ratio: number) => (ratio === 0 ? '<' : ratio === Infinity ? '>' : ratio.toFixed(2));
  return `[${end(low)}, ${end(high)}]`;
}
