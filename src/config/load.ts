import { existsSync } from 'node:fs';
import path from 'node:path';
import { builtInCorpora } from '../data/corpora.js';
import { optimizers } from '../optim/registry.js';
import { readDocument } from './document.js';
import { throwIfAny } from './mistakes.js';
import type { Mistake } from './mistakes.js';
import { applyOverride } from './overrides.js';
import { expandPresets, writeOutShorthand } from './presets.js';
import { resolve } from './resolve.js';
import type { ExperimentConfig } from './schema.js';
import { didYouMean } from '../did-you-mean.js';
import { fromPlain, lookUp, merge } from './tree.js';
import type { Mapping } from './tree.js';

/** What a command line names. */
export interface ExperimentSource {
  /** YAML files, merged from left to right. */
  readonly files: readonly string[];
  /** `key=value` and `~key` words, applied after the files in their order. */
  readonly overrides: readonly string[];
}

/**
 * Reads an experiment: presets under files under words, checked and complete.
 * @throws {SoapBenchError} `config_invalid` (exit code 2) with a line for every mistake.
 */
export function loadExperiment({ files, overrides }: ExperimentSource): ExperimentConfig {
  const mistakes: Mistake[] = [];
  if (files.length === 0) {
    mistakes.push({
      place: { where: '' },
      path: [],
      text: 'found no YAML file, expected one such as configs/quickstart.yaml',
    });
  }
  const layers = files.map((file) => readDocument(file, mistakes)).filter((layer) => layer !== undefined);
  throwIfAny(mistakes);
  let config = layers.map(writeOutShorthand).reduce((below, above) => merge(below, above) as Mapping);
  for (const word of overrides) config = applyOverride(config, word, mistakes, writeOutShorthand);
  throwIfAny(mistakes);
  return complete(config, nameOf(files.at(-1) ?? ''), checkCorpus);
}

/**
 * Checks and completes a configuration that a program holds, by the rules of the files.
 * Does not look whether a local corpus is there: the configuration may be another machine's.
 * @throws {SoapBenchError} `config_invalid` (exit code 2) with a line for every mistake.
 */
export function parseExperiment(value: unknown): ExperimentConfig {
  const tree = fromPlain(value, { where: '' });
  if (tree.kind !== 'mapping') {
    throwIfAny([{ place: tree.place, path: [], text: 'found no mapping, expected the keys of an experiment' }]);
  }
  return complete(writeOutShorthand(tree as Mapping), 'experiment');
}

type FurtherCheck = (resolved: ExperimentConfig, config: Mapping, mistakes: Mistake[]) => void;

function complete(config: Mapping, name: string, check?: FurtherCheck): ExperimentConfig {
  const mistakes: Mistake[] = [];
  const expanded = expandPresets(config, optimizers, mistakes);
  // Without its preset a model has no shape: complaints about that would hide the cause.
  throwIfAny(mistakes);
  const resolved = resolve(expanded, optimizers, name, mistakes);
  if (resolved !== undefined) check?.(resolved, expanded, mistakes);
  throwIfAny(mistakes);
  return resolved!;
}

function checkCorpus({ data: { corpus } }: ExperimentConfig, config: Mapping, mistakes: Mistake[]): void {
  const names = builtInCorpora.map(({ name }) => name);
  if (names.includes(corpus) || existsSync(corpus)) return;
  const at = ['data', 'corpus'];
  const text =
    `found "${corpus}", expected ${names.join(', ')}, or the path of a text file or folder ` +
    `(there is no ${path.resolve(corpus)})`;
  mistakes.push({ place: lookUp(config, at).place, path: at, text, guess: didYouMean(corpus, names) });
}

/** An experiment is called after its last file, in letters that suit a folder. */
function nameOf(file: string): string {
  const name = path
    .parse(file)
    .name.toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return name === '' ? 'experiment' : name;
}
