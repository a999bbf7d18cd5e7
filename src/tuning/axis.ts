import type { TunedOption } from '../config/sweep/tune-block.js';
import type { Edge, Values } from './tuning.js';

/** An option and the values that are tried for it. */
export interface Axis extends TunedOption {
  /** How many of its values were added because the best one stood on an edge. */
  readonly added: number;
}

/** How many values a grid grows by at most. Of the half-decades of the paper these are two decades. */
export const mostAdded = 4;

/** Every combination of a value from each axis; the last varies fastest. */
export function combinations(axes: readonly Axis[]): Values[] {
  return axes.reduce<Values[]>(
    (settings, { key, values }) => settings.flatMap((setting) => values.map((value) => ({ ...setting, [key]: value }))),
    [{}],
  );
}

/** The side of `values` that `value` stands on; undefined inside, and where there are no two numbers to stand between. */
export function sideOf(value: unknown, values: readonly unknown[]): Edge['side'] | undefined {
  const numbers = values.filter((item) => typeof item === 'number');
  if (typeof value !== 'number' || new Set(numbers).size < 2) return undefined;
  if (value === Math.min(...numbers)) return 'smallest';
  return value === Math.max(...numbers) ? 'largest' : undefined;
}

/**
 * The axis with the next value beyond one of its ends, in the ratio that its values had at first: three digits, or a whole
 * number where the option takes no other.
 * @returns Undefined when it has grown as far as it may, or the option takes no such value.
 */
export function grown(axis: Axis, side: Edge['side'], admits: (value: number) => boolean): Axis | undefined {
  const numbers = axis.values.filter((value) => typeof value === 'number');
  if (axis.added >= mostAdded || numbers.some((value) => value <= 0)) return undefined;
  const first = numbers.slice(0, numbers.length - axis.added);
  const [least, most] = [Math.min(...first), Math.max(...first)];
  const ratio = (most / least) ** (1 / (new Set(first).size - 1));
  // Counted from the first values, so that a grid of half-decades comes by whole ones again.
  const beyond = numbers.filter((value) => (side === 'largest' ? value > most : value < least)).length + 1;
  const next = side === 'largest' ? most * ratio ** beyond : least / ratio ** beyond;
  const value = [Number(next.toPrecision(3)), Math.round(next)].find(
    (candidate) => !numbers.includes(candidate) && admits(candidate),
  );
  return value === undefined ? undefined : { ...axis, values: [...axis.values, value], added: axis.added + 1 };
}

/** Whether an option takes anything on this side of a value: a weight decay of 0 has nothing below it to be tried. */
export function hasBeyond(value: number, side: Edge['side'], admits: (value: number) => boolean): boolean {
  const sign = side === 'largest' ? 1 : -1;
  const near = value === 0 ? 1e-6 : Math.abs(value) * 1e-6;
  // The second for options that are whole numbers.
  return admits(value + sign * near) || admits(value + sign);
}
