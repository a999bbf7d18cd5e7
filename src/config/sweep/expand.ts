import { readBudgets } from './budgets.js';
import type { Budgets } from './budgets.js';
import { schemaNode } from '../describe.js';
import { dimensionFor, listDimensions, product, productSize, withPoint } from './dimensions.js';
import type { Dimension, Point, Setting } from './dimensions.js';
import type { Mistake } from '../mistakes.js';
import { mostTrainings } from '../numbers.js';
import { writeOutShorthand } from '../presets.js';
import { experimentSchema } from '../schema.js';
import type { RunConfig } from '../run-config.js';
import type { OptimizerTable } from '../schema.js';
import { readSweepBlock } from './sweep-block.js';
import type { SweepBlock } from './sweep-block.js';
import { toPlain, withEntry, withoutEntry } from '../tree.js';
import { readTuneBlocks, startOf, withoutTune } from './tune-block.js';
import type { TuneBlock, TuneRequest } from './tune-block.js';
import type { Mapping, Place } from '../tree.js';

/** The value that a training has for a key that others have other values for. */
export interface Choice {
  /** The dotted key. */
  readonly key: string;
  readonly value: unknown;
}

/** One training of an experiment that asks for several of the same optimizer. */
export interface Variant {
  /** The label in the experiment's `optimizers`. */
  readonly label: string;
  /** What sets it apart, without the seed. Keys below `optimizers` concern this label alone, others all of them. */
  readonly choices: readonly Choice[];
  /** The experiment with this optimizer, these values and one seed. */
  readonly config: RunConfig;
}

/** A training of an optimizer some of whose options are to be chosen; until they are, its configuration has any. */
export interface TunedVariant extends Variant {
  readonly tune: TuneRequest;
  /** Whether its `train.steps` come from `budgets`: the choice is made with the largest. */
  readonly hasBudget: boolean;
}

type Unchecked<T extends Variant> = Omit<T, 'config'> & { readonly config: Mapping };

/** The trainings that a configuration asks for, not checked yet. */
export interface Expansion {
  /** The experiment with the first value of everything. */
  readonly first: Mapping;
  readonly variants: readonly Unchecked<Variant>[];
  readonly tuned: readonly Unchecked<TunedVariant>[];
  /** A configuration for each value that is to be tried, to be checked. */
  readonly probes: readonly Mapping[];
}

/**
 * The trainings of a configuration in which keys are lists or that has a `sweep`, `budgets` or `tune`: label by label, for
 * each label every combination of the values that concern it, for each of these every budget, and for each budget every
 * seed.
 * @returns Undefined when there is none of them, or there are mistakes, which are added to `mistakes`.
 */
export function expandSweep(config: Mapping, table: OptimizerTable, mistakes: Mistake[]): Expansion | undefined {
  const tunes = readTuneBlocks(config, mistakes);
  const bare = withoutTune(config);
  const root = schemaNode(experimentSchema(table));
  const lists = listDimensions(bare, root, mistakes);
  const block = readSweepBlock(bare, mistakes) ?? noBlock;
  const all = [...lists, ...block.parameters, ...block.zips];
  const budgets = readBudgets(bare, root, all, mistakes);
  refuseSweptTuning(all, tunes, mistakes);
  refuseReportedSeed(bare, all, tunes, mistakes);
  if (lists.length === 0 && tunes.size === 0 && !sweepKeys.some((key) => config.entries.has(key))) return undefined;
  const starts = [...tunes.values()].flatMap(startOf);
  const single = withPoint(sweepKeys.reduce(withoutEntry, bare), starts, writeOutShorthand);
  const first = all.reduce((below, dimension) => withPoint(below, dimension[0]!, writeOutShorthand), single);
  const labels = single.entries.get('optimizers')?.value;
  const names = labels?.kind === 'mapping' ? [...labels.entries.keys()] : [];
  const counted = names.map((label) => countFor(label, lists, block, budgets));
  if (counted.reduce((sum, count) => sum + count, 0) > mostTrainings) {
    const longest = all.reduce((most, dimension) => (dimension.length > most.length ? dimension : most));
    mistakes.push(tooMany(longest));
    return undefined;
  }
  const variants = names.flatMap((label) =>
    pointsFor(label, lists, block, budgets).map((point) => {
      const config = withPoint(single, point, writeOutShorthand);
      return { label, choices: choicesOf(point), config: onlyLabel(budgets?.scaleWarmups(config) ?? config, label) };
    }),
  );
  return {
    first,
    variants: variants.filter(({ label }) => !tunes.has(label)),
    tuned: variants.flatMap((variant) => {
      const tune = tunes.get(variant.label)?.request;
      return tune === undefined ? [] : [{ ...variant, tune, hasBudget: budgets !== undefined }];
    }),
    probes: [...tunes].flatMap(([label, { parameters }]) => probesOf(onlyLabel(first, label), parameters)),
  };
}

/** Keys that say what is swept, and that no training has. */
const sweepKeys = ['sweep', 'budgets'] as const;

/** What makes several trainings of a configuration besides lists, for messages about it. */
export function sweptParts(config: Mapping): { place: Place; path: string[]; name: string }[] {
  const named = { sweep: 'a sweep', budgets: 'budgets' };
  const keys = sweepKeys.flatMap((key) => {
    const entry = config.entries.get(key);
    return entry === undefined ? [] : [{ place: entry.key, path: [key], name: named[key] }];
  });
  const labels = config.entries.get('optimizers')?.value;
  if (labels?.kind !== 'mapping') return keys;
  const tunes = [...labels.entries].flatMap(([label, { value }]) => {
    const entry = value.kind === 'mapping' ? value.entries.get('tune') : undefined;
    return entry === undefined ? [] : [{ place: entry.key, path: ['optimizers', label, 'tune'], name: 'tune' }];
  });
  return [...keys, ...tunes];
}

/** What is tried one after the other cannot be chosen by its result. */
function refuseSweptTuning(
  swept: readonly Dimension[],
  tunes: ReadonlyMap<string, TuneBlock>,
  mistakes: Mistake[],
): void {
  const tuned = [...tunes.values()].flatMap(({ parameters }) => parameters.map(({ path }) => path.join('.')));
  for (const { path, value } of swept.flatMap((dimension) => dimension[0] ?? [])) {
    if (!tuned.includes(path.join('.'))) continue;
    const text = `found several values and ${path.at(-1)!} in tune, expected one of the two`;
    mistakes.push({ place: value.place, path, text });
  }
}

/** The best of many trainings was also lucky: the seed that chose is not one of those that are reported. */
function refuseReportedSeed(
  config: Mapping,
  swept: readonly Dimension[],
  tunes: ReadonlyMap<string, TuneBlock>,
  mistakes: Mistake[],
): void {
  const seeds = swept.flat(2).filter(({ path }) => path.join('.') === 'seed');
  const alone = config.entries.get('seed')?.value;
  const written = [...seeds.map(({ value }) => value), ...(alone === undefined ? [] : [alone])].map(toPlain);
  // Where none is written, seed 0 is.
  const reported = written.length === 0 ? [0] : written;
  for (const [label, { request, seedPlace }] of tunes) {
    if (!reported.includes(request.seed)) continue;
    const text = `found ${request.seed}, which is among the seeds that are reported, expected another one to choose with`;
    mistakes.push({ place: seedPlace, path: ['optimizers', label, 'tune', 'seed'], text });
  }
}

function probesOf(config: Mapping, parameters: TuneBlock['parameters']): Mapping[] {
  return parameters.flatMap(({ path, values }) =>
    values.map((value) => withPoint(config, [{ path, value }], writeOutShorthand)),
  );
}

const noBlock: SweepBlock = { parameters: [], cap: undefined, zips: [] };

function pointsFor(
  label: string,
  lists: readonly Dimension[],
  { parameters, cap, zips }: SweepBlock,
  budgets: Budgets | undefined,
): Point[] {
  const fromBlock = product(concerning(label, parameters), cap);
  const dimensions = [...concerning(label, lists), fromBlock, ...concerning(label, zips)];
  // The trainings of a setting stand side by side.
  const [seeds, others] = [dimensions.filter(isSeeds), dimensions.filter((dimension) => !isSeeds(dimension))];
  return product(others).flatMap((point) => {
    if (budgets === undefined) return product([[point], ...seeds]);
    const own = point.find(isLength);
    const lengths = budgets.dimension(own && Number(toPlain(own.value)));
    return product([[point.filter((setting) => !isLength(setting))], lengths, ...seeds]);
  });
}

/** How many points that makes, or more where some of them are the same; none of them is made. */
function countFor(
  label: string,
  lists: readonly Dimension[],
  { parameters, cap = Infinity, zips }: SweepBlock,
  budgets: Budgets | undefined,
): number {
  const fromBlock = Math.min(cap, productSize(concerning(label, parameters)));
  return fromBlock * productSize(concerning(label, [...lists, ...zips])) * (budgets?.dimension(undefined).length ?? 1);
}

function concerning(label: string, dimensions: readonly Dimension[]): Dimension[] {
  return dimensions.map((dimension) => dimensionFor(label, dimension)).filter((dimension) => dimension.length > 0);
}

/** @param longest Has more values than anything else that is swept. */
function tooMany(longest: Dimension): Mistake {
  const { path, value } = longest[0]![0]!;
  const most = mostTrainings.toLocaleString('en-US');
  const text = `found more than ${most} runs in all, expected fewer values, or a sweep with run_cap`;
  return { place: value.place, path, text };
}

function isLength({ path }: Setting): boolean {
  return path.join('.') === 'train.steps';
}

function isSeeds(dimension: Dimension): boolean {
  return dimension.every((point) => point.length > 0 && point.every(({ path }) => path.join('.') === 'seed'));
}

function choicesOf(point: Point): Choice[] {
  const choices = point.map(({ path, value }) => ({ key: path.join('.'), value: toPlain(value) }));
  return choices.filter(({ key }) => key !== 'seed');
}

/** Which label is the baseline is a matter of the whole experiment. */
function onlyLabel(config: Mapping, label: string): Mapping {
  const optimizers = config.entries.get('optimizers')!;
  const labels = optimizers.value as Mapping;
  const own = { ...labels, entries: new Map([...labels.entries].filter(([name]) => name === label)) };
  return withEntry(withoutEntry(config, 'baseline'), 'optimizers', { key: optimizers.key, value: own });
}
