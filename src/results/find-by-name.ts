import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { didYouMean } from '../did-you-mean.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { findExperiments, readFoundExperiment, type FoundExperiment, type FoundRun } from './find.js';
import { isExperiment, isFile, type PassedOver } from '../files/folders.js';

/** What a word of the command line stands for. */
export type Found =
  | { readonly kind: 'experiment'; readonly experiment: FoundExperiment }
  | { readonly kind: 'run'; readonly run: FoundRun; readonly experiment: FoundExperiment };

/**
 * Finds what words name: a folder, or the end of a name as `soap-bench list` prints it, of which each part may be cut short as
 * long as nothing else begins so (`soap-3f2a`, `20261122-1430/soap`). A word with asterisks stands for all that it fits.
 * @param root The folder that names are searched below.
 * @throws {SoapBenchError} `name_unknown`, `name_ambiguous`, `not_an_experiment` (exit code 2).
 */
export function findByName(words: readonly string[], root: string, passedOver?: PassedOver): Found[] {
  let all: Found[] | undefined;
  const allFound = () => (all ??= everything(findExperiments(root, passedOver)));
  return words.flatMap((word) => atPath(word, root) ?? named(word, allFound(), root));
}

function everything(experiments: readonly FoundExperiment[]): Found[] {
  return experiments.flatMap((experiment) => [
    { kind: 'experiment', experiment } as const,
    ...experiment.runs.map((run) => ({ kind: 'run', run, experiment }) as const),
  ]);
}

/** An experiment's folder, or a run's in it. */
function atPath(word: string, root: string): Found | undefined {
  if (isExperiment(word)) return { kind: 'experiment', experiment: readFoundExperiment(word, root) };
  const above = dirname(dirname(resolve(word)));
  if (!isExperiment(above) || !isFile(join(word, 'config.yaml'))) return undefined;
  const experiment = readFoundExperiment(above, root);
  const run = experiment.runs.find(({ directory }) => resolve(directory) === resolve(word));
  return run && { kind: 'run', run, experiment };
}

function named(word: string, all: readonly Found[], root: string): Found | Found[] {
  const parts = word.split('/').filter((part) => part !== '');
  const ending = (matches: (part: string, given: string) => boolean) =>
    all.filter((found) => {
      const name = nameOf(found).split('/').slice(-parts.length);
      return name.length === parts.length && name.every((part, index) => matches(part, parts[index]!));
    });
  if (word.includes('*')) {
    const fitting = ending((part, given) => pattern(given).test(part));
    if (fitting.length === 0) throw unknown(word, all, root);
    return fitting;
  }
  const whole = ending((part, given) => part === given);
  const matching = whole.length > 0 ? whole : ending((part, given) => part.startsWith(given));
  if (matching.length === 1) return matching[0]!;
  if (matching.length > 1) throw ambiguous(word, matching);
  throw existsSync(word) ? notOurs(word) : unknown(word, all, root);
}

function pattern(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
}

export function nameOf(found: Found): string {
  return found.kind === 'run' ? found.run.name : found.experiment.name;
}

function unknown(word: string, all: readonly Found[], root: string): SoapBenchError {
  const endings = all.flatMap((found) => [nameOf(found), nameOf(found).split('/').at(-1)!]);
  const guess = didYouMean(word, [...new Set(endings)]);
  return new SoapBenchError(
    'name_unknown',
    `there is no run or experiment "${word}" below ${root}${guess === '' ? '' : `;${guess}`}`,
    {
      exitCode: exitCodes.usage,
      hint: `\`soap-bench list ${root}\` shows what there is`,
    },
  );
}

function notOurs(path: string): SoapBenchError {
  return new SoapBenchError('not_an_experiment', `${path} is not the folder of an experiment, a sweep or a run`, {
    exitCode: exitCodes.usage,
    hint: `\`soap-bench list ${path}\` shows what there is below it`,
  });
}

function ambiguous(word: string, matching: readonly Found[]): SoapBenchError {
  const shown = matching.slice(0, 8).map((found) => `\n  ${nameOf(found)}`);
  const more = matching.length > shown.length ? `\n  and ${matching.length - shown.length} more` : '';
  return new SoapBenchError('name_ambiguous', `"${word}" is short for several:${shown.join('')}${more}`, {
    exitCode: exitCodes.usage,
    hint: 'write more of the name',
  });
}
