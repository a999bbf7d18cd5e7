import { finiteOrWord } from './csv.js';

/** Replaces infinities by words, because JSON lacks them. */
export function jsonValue(value: unknown): unknown {
  return typeof value === 'number' ? finiteOrWord(value) : value;
}
