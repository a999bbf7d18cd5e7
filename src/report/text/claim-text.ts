import type { Claim, ClaimNumber } from '../../reproduce/claim.js';
import { decimalText, ratioText } from '../../format.js';
import type { ClaimRow } from '../../analysis/claims/claims.js';
import type { Bounds } from '../../analysis/claims/verdict.js';

/** `at most 0.60×`, `about 0.80×`, `at most 0`; empty where the paper gives no bound. */
export function boundText({ about }: Claim): string {
  if (about === undefined) return '';
  const { at_most, at_least }: Bounds = about;
  const bound = at_most ?? at_least;
  if (bound === undefined) return '';
  const word = 'approximate' in about ? 'about' : at_most === undefined ? 'at least' : 'at most';
  return `${word} ${bound === 0 ? '0' : numberText(about, bound, [NaN, NaN])}`;
}

/** `0.57× [0.55, 0.60]`, `−0.030 [−0.035, −0.024]`; an end beyond all that was trained is left open: `[<, 0.60]`. */
function numberText(about: ClaimNumber | undefined, value: number, [low, high]: readonly [number, number]): string {
  if (Number.isNaN(value)) return '';
  const isLoss = about?.measure === 'final_loss' || about?.measure === 'loss_increase';
  const digits = isLoss ? 3 : 2;
  const text = (number: number) => decimalText(number, digits);
  const number = value === Infinity ? 'not reached' : isLoss ? text(value) : ratioText(value);
  if (Number.isNaN(low)) return number;
  const end = (at: number) => (at === Infinity ? '>' : at === 0 && !isLoss ? '<' : text(at));
  return `${number} [${end(low)}, ${end(high)}]`;
}

/** The number that was measured, with its interval; empty where there is none. */
export function measuredText({ claim, measured }: Pick<ClaimRow, 'claim' | 'measured'>): string {
  const { value, low, high, text } = measured;
  return text ?? numberText(claim.about, value, [low, high]);
}

/** `360m precondition_frequency=5` */
export function whereText({ experiment, measured }: ClaimRow): string {
  return `${experiment} ${measured.where}`.trimEnd();
}

/** `cannot be said: the interval reaches across 0.6` */
export function verdictText({ verdict, why }: ClaimRow): string {
  return why === '' ? verdict : `${verdict}: ${why}`;
}
