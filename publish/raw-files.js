import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SoapBenchError, exitCodes } from '../dist/errors.js';
import { readJson } from '../dist/results/read-run.js';
import { readTasks } from '../dist/results/tasks.js';
import { statusSchema } from '../dist/results/status.js';
import { refusePrivateWords } from './private-words.js';

/** Files of an experiment's folder from which everything else there follows. */
const ofExperiment = ['config.yaml', 'tasks.json', 'step_times.csv', 'SHA256SUMS'];
/** Files of a run's folder that are published; logs and checkpoints are not. */
const ofRun = [
  'config.yaml',
  'dataset.json',
  'environment.json',
  'status.json',
  'metrics.csv',
  'eval.csv',
  'SHA256SUMS',
];

/**
 * Names of the files in an experiment's or a sweep's folder that its runs have written and that are published.
 * @param {string} directory
 * @returns {string[]}
 * @throws SoapBenchError As `readTasks` does.
 */
export function rawFileNames(directory) {
  const runs = runsOf(directory).map((run) => join('runs', run));
  const names = [...ofExperiment, ...runs.flatMap((run) => ofRun.map((name) => join(run, name)))];
  return names.filter((name) => existsSync(join(directory, name)));
}

/**
 * What is published of a file in such a folder.
 * @param {string} file
 * @throws SoapBenchError `still_training`, `private_words`.
 */
export function publicText(file) {
  const text = readFileSync(file, 'utf8');
  const published = basename(file) === 'status.json' ? publicStatus(text, file) : text;
  refusePrivateWords(published, file);
  return published;
}

/**
 * Folders of the runs that take part; those of earlier values of a sweep may lie beside them.
 * @param {string} directory
 */
function runsOf(directory) {
  const { tasks, tunings } = readTasks(directory);
  // What was tried while tuning may be what is compared, too.
  return [...new Set([...tasks, ...tunings.flatMap(({ tried }) => tried)].map(({ id }) => id))];
}

/**
 * A run's status without the process that trained it.
 * @param {string} text
 * @param {string} file
 */
function publicStatus(text, file) {
  if (readJson(file, statusSchema) === undefined) return text;
  const status = /** @type {Record<string, unknown>} */ (JSON.parse(text));
  if (status.state === 'running') {
    throw new SoapBenchError('still_training', `${file} says that the run is still being trained`, {
      exitCode: exitCodes.usage,
      hint: 'wait for its end, or stop it; `soap-bench resume` ends what was killed',
    });
  }
  delete status.pid;
  return `${JSON.stringify(status, null, 2)}\n`;
}
