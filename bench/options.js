import { availableParallelism, loadavg } from 'node:os';
import { Option } from 'commander';
import { engineChoices } from '../dist/engine/engine.js';
import { warn } from '../dist/cli/terminal/output.js';
import { didYouMean } from '../dist/did-you-mean.js';
import { SoapBenchError, exitCodes } from '../dist/errors.js';

/** `--engine`: the native one, because a benchmark that silently measures another one is worth nothing. */
export function engineOption() {
  return new Option('--engine <name>', 'what computes')
    .choices(engineChoices.filter((name) => name !== 'auto'))
    .default('tensorflow');
}

/**
 * A parser of words separated by commas.
 * @template {string} Word
 * @param {readonly Word[]} allowed
 * @param {string} option
 * @returns {(text: string) => Word[]}
 */
export function wordsOf(allowed, option) {
  return (text) =>
    text.split(',').map((part) => {
      const word = allowed.find((candidate) => candidate === part.trim());
      if (word !== undefined) return word;
      const guess = didYouMean(part, allowed);
      throw usage(
        `${option} has ${JSON.stringify(part)}, which is none of ${allowed.join(', ')}${guess && `;${guess}`}`,
      );
    });
}

/**
 * A parser of a whole number of at least 1.
 * @param {string} option
 * @returns {(text: string) => number}
 */
export function countOf(option) {
  return (text) => {
    const count = Number(text);
    if (Number.isInteger(count) && count >= 1) return count;
    throw usage(`${option} is ${JSON.stringify(text)}, expected a whole number of at least 1`);
  };
}

/** @param {string} message */
export function usage(message) {
  return new SoapBenchError('usage', message, { exitCode: exitCodes.usage, hint: 'npm run bench -- --help' });
}

/** Environment of the peer: as many threads as ours, unless the user says otherwise, and no byte code in the tree. */
export function peerVariables() {
  return {
    OMP_NUM_THREADS: process.env.OMP_NUM_THREADS ?? String(availableParallelism()),
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** Says so when others use the processor: a slow step then says nothing about the code. */
export function warnWhenBusy() {
  const cores = availableParallelism();
  const load = loadavg()[0] ?? 0;
  if (load < cores / 2) return;
  warn(`the machine is busy (load ${load.toFixed(1)} on ${cores} cores): these figures are not fit to be published`);
}
