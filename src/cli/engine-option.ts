import { Option } from 'commander';
import { engineChoices } from '../engine/engine.js';

/** `--engine`, which SOAP_BENCH_ENGINE stands in for when it is left out. */
export function engineOption(): Option {
  return new Option('--engine <name>', 'what computes').choices(engineChoices).env('SOAP_BENCH_ENGINE');
}

/** `--no-compile`. */
export function compileOption(): Option {
  return new Option('--no-compile', 'run each step operation by operation instead of as one graph');
}
