import { createColors } from '../../terminal.js';

/**
 * Whether to colour what goes to a stream: NO_COLOR and FORCE_COLOR decide, else whether it is a terminal. Left to itself
 * picocolors would also colour pipes when CI is set, and judge stderr by stdout.
 */
export function hasColors(stream: { isTTY?: boolean }, env = process.env): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** For results, on stdout. */
export const resultColors = createColors(hasColors(process.stdout));

/** For progress, notes and errors, on stderr. */
export const noteColors = createColors(hasColors(process.stderr));
