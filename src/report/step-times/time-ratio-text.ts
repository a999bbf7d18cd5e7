import type { TimeRatio } from '../../analysis/over-baseline.js';
import { ratioText } from '../../format.js';

/** `1.12× [1.10, 1.13]`; a single round has no interval. */
export function timeRatioText({ value, low, high }: TimeRatio): string {
  return Number.isNaN(low) || low === high
    ? ratioText(value)
    : `${ratioText(value)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}
