import { existsSync } from 'node:fs';
import path from 'node:path';
import { builtInCorpora } from '../data/corpora.js';
import { fixedCorpus, isBuiltIn } from '../data/corpus-path.js';
import { optimizers } from '../optim/registry.js';
import { schemaNode } from './describe.js';
import { configFile } from './bundled.js';
import { readDocument } from './document.js';
import { expandSweep, sweptParts } from './sweep/expand.js';
import type { TunedVariant, Variant } from './sweep/expand.js';
import { fixCorpora } from './fix-corpora.js';
import { takeLaunchers } from './launchers.js';
import type { LauncherConfig } from './launchers.js';
import { mistakeText, throwIfAny } from './mistakes.js';
import type { Mistake } from './mistakes.js';
import { applyOverride } from './overrides.js';
import { expandPresets, writeOutShorthand } from './presets.js';
import { resolve } from './resolve.js';
import { onlyRun } from './run-config.js';
import { experimentSchema } from './schema.js';
import type { ExperimentConfig } from './schema.js';
import { didYouMean } from '../did-you-mean.js';
import { fromPlain, lookUp, merge, toPlain } from './tree.js';
import type { Mapping, Tree } from './tree.js';
import { asTyped } from './typed-text.js';

/** What a command line names. */
export interface ExperimentSource {
  /** YAML files, merged from left to right. */
  readonly files: readonly string[];
  /** `key=value` and `~key` words, applied after the files in their order. */
  readonly overrides: readonly string[];
}

/** An experiment whose options may be lists. */
export interface LoadedSweep {
  /** The experiment with the first value of every list. */
  readonly config: ExperimentConfig;
  /** Every training that is known by now; undefined when nothing is swept, so that each optimizer is trained once. */
  readonly variants: readonly Variant[] | undefined;
  /** Trainings of optimizers some of whose options are chosen by what comes of them. */
  readonly tuned: readonly TunedVariant[];
  /** What files and words say together, before lists and presets are written out; loading it gives the same again. */
  readonly source: Readonly<Record<string, unknown>>;
  /** Where tasks can be trained besides here. */
  readonly launchers: LauncherConfig;
}

/**
 * Reads an experiment that trains every optimizer once: presets under files under words, checked and complete, with the
 * absolute path of a local corpus.
 * @throws {SoapBenchError} `config_invalid` (exit code 2) with a line for every mistake.
 */
export function loadExperiment(source: ExperimentSource): ExperimentConfig {
  return complete(readExperiment(source).experiment, nameOf(source), withFixedCorpus);
}

/**
 * Reads an experiment in which options may be lists, with a variant for every training that it asks for.
 * @param options.anyCorpus Whether a local corpus need not be there: nothing is trained here and now.
 * @throws {SoapBenchError} `config_invalid` (exit code 2) with a line for every mistake.
 */
export function loadSweep(source: ExperimentSource, { anyCorpus = false } = {}): LoadedSweep {
  const finish: Finish = anyCorpus ? fixData : withFixedCorpus;
  const { layers, experiment, launchers } = readExperiment(source);
  const mistakes: Mistake[] = [];
  const expanded = expandSweep(experiment, optimizers, mistakes);
  throwIfAny(mistakes);
  const name = nameOf(source);
  const config = complete(expanded?.first ?? experiment, name, finish);
  const completed = <T extends { readonly config: Mapping }>({ config: single, ...variant }: T) => {
    const experiment = tryComplete(single, name, mistakes, finish);
    return experiment === undefined ? [] : [{ ...variant, config: onlyRun(experiment) }];
  };
  for (const probe of expanded?.probes ?? []) tryComplete(probe, name, mistakes, finish);
  const variants = expanded?.variants.flatMap(completed);
  const tuned = expanded?.tuned.flatMap(completed) ?? [];
  throwIfAny(withoutRepetitions(mistakes));
  if (tuned.some(({ config: { train } }) => train.stop_at_target)) throwIfAny([endsBeforeItsLoss(layers)]);
  return {
    config,
    variants,
    tuned,
    source: { name: config.name, ...(fixCorpora(toPlain(layers)) as object) },
    launchers,
  };
}

function endsBeforeItsLoss(layers: Mapping): Mistake {
  const path = ['train', 'stop_at_target'];
  const text = 'found true and a tune, expected false: options are chosen by the loss at the end of a training';
  return { place: lookUp(layers, path).place, path, text };
}

/** What files and words say, and of that what is trained and where it can be. */
function readExperiment(source: ExperimentSource): {
  layers: Mapping;
  experiment: Mapping;
  launchers: LauncherConfig;
} {
  const layers = readLayers(source);
  const mistakes: Mistake[] = [];
  const taken = takeLaunchers(layers, mistakes);
  throwIfAny(mistakes);
  return { layers, ...taken };
}

function readLayers({ files, overrides }: ExperimentSource): Mapping {
  const mistakes: Mistake[] = [];
  if (files.length === 0) {
    mistakes.push({
      place: { where: '' },
      path: [],
      text: 'found no YAML file, expected one such as mine.yaml, or a name such as quickstart (`soap-bench config list`)',
    });
  }
  const layers = files.map((file) => readDocument(configFile(file), mistakes)).filter((layer) => layer !== undefined);
  throwIfAny(mistakes);
  let config = layers.map(writeOutShorthand).reduce((below, above) => merge(below, above) as Mapping);
  for (const word of overrides) config = applyOverride(config, word, mistakes, writeOutShorthand);
  const seeds = config.entries.get('seeds');
  if (seeds !== undefined) {
    mistakes.push({ place: seeds.key, path: ['seeds'], text: 'found seeds beside seed, expected one of the two' });
  }
  refuseProto(config, [], mistakes);
  throwIfAny(mistakes);
  return asTyped(config, schemaNode(experimentSchema(optimizers)));
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
  const mistakes: Mistake[] = [];
  refuseProto(tree, [], mistakes);
  throwIfAny(mistakes);
  return complete(writeOutShorthand(tree as Mapping), 'experiment');
}

/** Zod drops the key `__proto__` and says nothing. */
function refuseProto(tree: Tree, path: readonly string[], mistakes: Mistake[]): void {
  if (tree.kind === 'list') for (const item of tree.items) refuseProto(item, path, mistakes);
  if (tree.kind !== 'mapping') return;
  for (const [key, { key: place, value }] of tree.entries) {
    const at = [...path, key];
    if (key === '__proto__')
      mistakes.push({ place, path: at, text: 'found __proto__, which cannot be a key, expected another name' });
    else refuseProto(value, at, mistakes);
  }
}

/** What is done to a complete configuration that comes from files and words. */
type Finish = (resolved: ExperimentConfig, config: Mapping, mistakes: Mistake[]) => ExperimentConfig;

function complete(config: Mapping, name: string, finish?: Finish): ExperimentConfig {
  const mistakes: Mistake[] = [];
  const resolved = tryComplete(config, name, mistakes, finish);
  throwIfAny(mistakes);
  return resolved!;
}

/** Undefined when there are mistakes, which are added to `mistakes`. */
function tryComplete(
  config: Mapping,
  name: string,
  mistakes: Mistake[],
  finish?: Finish,
): ExperimentConfig | undefined {
  const before = mistakes.length;
  for (const { place, path, name: found } of sweptParts(config)) {
    mistakes.push({ place, path, text: `found ${found}, expected a single setting here` });
  }
  const expanded = expandPresets(config, optimizers, mistakes);
  // Without its preset a model has no shape: complaints about that would hide the cause.
  if (mistakes.length > before) return undefined;
  const resolved = resolve(expanded, optimizers, name, mistakes);
  return resolved && (finish?.(resolved, expanded, mistakes) ?? resolved);
}

/** What is wrong with all variants is said once. */
function withoutRepetitions(mistakes: readonly Mistake[]): Mistake[] {
  return [...new Map(mistakes.map((mistake) => [mistakeText(mistake), mistake])).values()];
}

/** As {@link fixData}, with a mistake when nothing is there. */
function withFixedCorpus(experiment: ExperimentConfig, config: Mapping, mistakes: Mistake[]): ExperimentConfig {
  const { corpus } = experiment.data;
  if (!isBuiltIn(corpus) && !existsSync(corpus)) {
    const names = builtInCorpora.map(({ name }) => name);
    const at = ['data', 'corpus'];
    const text =
      `found "${corpus}", expected ${names.join(', ')}, or the path of a text file or folder ` +
      `(there is no ${path.resolve(corpus)})`;
    mistakes.push({ place: lookUp(config, at).place, path: at, text, guess: didYouMean(corpus, names) });
  }
  return fixData(experiment);
}

/** The configuration with a corpus that means the same wherever it is read. */
function fixData(experiment: ExperimentConfig): ExperimentConfig {
  const { data } = experiment;
  return { ...experiment, data: { ...data, corpus: fixedCorpus(data.corpus) } };
}

/** An experiment is called after its last file, in letters that suit a folder. */
function nameOf({ files }: ExperimentSource): string {
  const name = path
    .parse(files.at(-1) ?? '')
    .name.toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 100);
  return name === '' ? 'experiment' : name;
}
