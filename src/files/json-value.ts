import { finiteOrWord } from './csv.js';

/** Infinities as words, which JSON lacks. */
export function jsonValue(value: unknown): unknown {
  return typeof value === 'number' ? finiteOrWord(value) : value;
}
