import type { TimeRatio } from '../../step-time/over-baseline.js';
import { ratioText } from '../format.js';

/** `1.12× [1.10, 1.13]`: the median over rounds, the smallest and the largest of them where they differ. */
export function timeRatioText({ value, low, high, rounds }: TimeRatio): string {
  return rounds.length === 1 || low === high
    ? ratioText(value)
    : `${ratioText(value)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}
