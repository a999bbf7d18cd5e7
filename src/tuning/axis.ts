import type { TunedOption } from '../config/sweep/tune-block.js';
import type { Edge, Values } from './tuning.js';

/** An option and the values to try. */
export interface Axis extends TunedOption {
  /** Number of values that were added because the best one was at an edge. */
  readonly added: number;
}

/** The largest number of values that are added: two decades for the paper's half-decade grids. */
export const mostAdded = 4;

/** All combinations of one value per axis. The last axis varies fastest. */
export function combinations(axes: readonly Axis[]): Values[] {
  return axes.reduce<Values[]>(
    (settings, { key, values }) => settings.flatMap((setting) => values.map((value) => ({ ...setting, [key]: value }))),
    [{}],
  );
}

/** The edge of `values` that `value` is at; undefined if it is inside or there are fewer than two numbers. */
export function sideOf(value: unknown, values: readonly unknown[]): Edge['side'] | undefined {
  const numbers = values.filter((item) => typeof item === 'number');
  if (typeof value !== 'number' || new Set(numbers).size < 2) return undefined;
  if (value === Math.min(...numbers)) return 'smallest';
  return value === Math.max(...numbers) ? 'largest' : undefined;
}

/**
 * Extends an axis by the next value beyond an edge, in the ratio of its original values, rounded to three digits or to an
 * integer if the option requires one.
 * @returns Undefined if the axis has reached its largest size or the option does not admit the value.
 */
export function grown(axis: Axis, side: Edge['side'], admits: (value: number) => boolean): Axis | undefined {
  const numbers = axis.values.filter((value) => typeof value === 'number');
  if (axis.added >= mostAdded || numbers.some((value) => value <= 0)) return undefined;
  const first = numbers.slice(0, numbers.length - axis.added);
  const [least, most] = [Math.min(...first), Math.max(...first)];
  const ratio = (most / least) ** (1 / (new Set(first).size - 1));
  // Computed from the original values, so that a half-decade grid includes whole decades again.
  const beyond = numbers.filter((value) => (side === 'largest' ? value > most : value < least)).length + 1;
  const next = side === 'largest' ? most * ratio ** beyond : least / ratio ** beyond;
  const value = [Number(next.toPrecision(3)), Math.round(next)].find(
    (candidate) => !numbers.includes(candidate) && admits(candidate),
  );
  return value === undefined ? undefined : { ...axis, values: [...axis.values, value], added: axis.added + 1 };
}

/** Returns true if an option admits values beyond this one. A weight decay of 0 has none below it. */
export function hasBeyond(value: number, side: Edge['side'], admits: (value: number) => boolean): boolean {
  const sign = side === 'largest' ? 1 : -1;
  const near = value === 0 ? 1e-6 : Math.abs(value) * 1e-6;
  // The second is for integer options.
  return admits(value + sign * near) || admits(value + sign);
}
