import { Option } from 'commander';
import { engineChoices } from '../engine/engine.js';

/** `--engine`, which SOAP_BENCH_ENGINE stands in for when it is left out. */
export function engineOption(): Option {
  return new Option('--engine <name>', 'what computes').choices(engineChoices).env('SOAP_BENCH_ENGINE');
}
