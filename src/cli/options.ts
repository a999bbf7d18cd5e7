import { InvalidArgumentError, Option } from 'commander';
import { engineChoices } from '../engine/engine.js';

/** `--engine`; SOAP_BENCH_ENGINE stands in for it when it is left out. */
export function engineOption(): Option {
  return new Option('--engine <name>', 'compute backend').choices(engineChoices).env('SOAP_BENCH_ENGINE');
}

/** `--no-compile`. */
export function compileOption(): Option {
  return new Option('--no-compile', 'run each step operation by operation instead of as one graph');
}

/** `--jobs N`: how many runs are trained at once. */
export function jobsOption(): Option {
  return new Option('--jobs <n>', 'runs to train at once; they share the CPU, so their times are not compared')
    .default(1)
    .argParser(wholeNumber({ least: 1, most: 9999, example: 2 }));
}

interface WholeNumbers {
  readonly least: number;
  readonly most?: number;
  readonly example?: number;
}

/** Reads a whole number within bounds; anything else is refused with what is allowed. */
export function wholeNumber({
  least,
  most = Number.MAX_SAFE_INTEGER,
  example,
}: WholeNumbers): (text: string) => number {
  const bounds = most === Number.MAX_SAFE_INTEGER ? `, at least ${least}` : ` from ${least} to ${most}`;
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number${bounds}${such(example)}.`);
  };
}

interface Decimals {
  /** What the number is, with its bounds: `a number above 0`. */
  readonly what: string;
  readonly example: string;
  readonly allows: (value: number) => boolean;
}

/** Reads a finite number; anything else is refused with what is allowed. */
export function decimal({ what, example, allows }: Decimals): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && allows(value)) return value;
    throw new InvalidArgumentError(`It must be ${what}${such(example)}.`);
  };
}

function such(example: number | string | undefined): string {
  return example === undefined ? '' : `, such as ${example}`;
}
