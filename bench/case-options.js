import { Option } from 'commander';
import { precisions } from '../dist/engine/engine.js';
import { benchedOptimizers, caseNames, period } from './cases.js';
import { countOf, wordsOf } from './options.js';

/*
 * Options of the benchmarks that train cases.
 */

/** @import { CaseName } from './cases.js' */

/** @param {CaseName[]} usual */
export function caseOption(usual) {
  return wordsOption('--case', `of ${caseNames.join(', ')}`, caseNames).default(usual);
}

export function optimizerOption() {
  return wordsOption('--optimizer', `of ${benchedOptimizers.join(', ')}`, benchedOptimizers).default(benchedOptimizers);
}

export function precisionOption() {
  const text = `of the model's products: ${precisions.join(', ')}`;
  return wordsOption('--precision', text, precisions).default(['float32']);
}

export function stepsOption() {
  const text = `timed steps, rounded up to whole periods of ${period}`;
  return new Option('--steps <count>', text).argParser(countOf('--steps')).default(20);
}

/**
 * @param {string} name
 * @param {string} text
 * @param {readonly string[]} allowed
 */
export function wordsOption(name, text, allowed) {
  return new Option(`${name} <names>`, text).argParser(wordsOf(allowed, name));
}
