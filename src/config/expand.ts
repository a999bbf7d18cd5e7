import { readBudgets } from './budgets.js';
import { schemaNode } from './describe.js';
import { dimensionFor, listDimensions, product, withPoint } from './dimensions.js';
import type { Dimension, Point } from './dimensions.js';
import type { Mistake } from './mistakes.js';
import { writeOutShorthand } from './presets.js';
import { experimentSchema } from './schema.js';
import type { ExperimentConfig, OptimizerTable } from './schema.js';
import { readSweepBlock } from './sweep-block.js';
import type { SweepBlock } from './sweep-block.js';
import { toPlain, withEntry, withoutEntry } from './tree.js';
import type { Mapping } from './tree.js';

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
  readonly config: ExperimentConfig;
}

type UncheckedVariant = Omit<Variant, 'config'> & { readonly config: Mapping };

/**
 * The trainings of a configuration in which keys are lists or that has a `sweep` or `budgets`: label by label, for each
 * label every combination of the values that concern it, for each of these every budget, and for each budget every seed.
 * @returns Undefined when there is none of them, or there are mistakes, which are added to `mistakes`.
 */
export function expandSweep(
  config: Mapping,
  table: OptimizerTable,
  mistakes: Mistake[],
): { first: Mapping; variants: UncheckedVariant[] } | undefined {
  const lists = listDimensions(config, schemaNode(experimentSchema(table)), mistakes);
  const block = readSweepBlock(config, mistakes) ?? noBlock;
  const all = [...lists, ...block.parameters, ...block.zips];
  const budgets = readBudgets(config, all, mistakes);
  if (lists.length === 0 && !sweepKeys.some((key) => config.entries.has(key))) return undefined;
  const single = sweepKeys.reduce(withoutEntry, config);
  const first = all.reduce((below, dimension) => withPoint(below, dimension[0]!, writeOutShorthand), single);
  const labels = single.entries.get('optimizers')?.value;
  const names = labels?.kind === 'mapping' ? [...labels.entries.keys()] : [];
  const variants = names.flatMap((label) =>
    pointsFor(label, lists, block, budgets?.dimension ?? []).map((point) => {
      const config = withPoint(single, point, writeOutShorthand);
      return { label, choices: choicesOf(point), config: onlyLabel(budgets?.scaleWarmup(config) ?? config, label) };
    }),
  );
  return { first, variants };
}

/** Keys that say what is swept, and that no training has. */
export const sweepKeys = ['sweep', 'budgets'] as const;

const noBlock: SweepBlock = { parameters: [], cap: undefined, zips: [] };

function pointsFor(
  label: string,
  lists: readonly Dimension[],
  { parameters, cap, zips }: SweepBlock,
  budgets: Dimension,
): Point[] {
  const concerning = (dimensions: readonly Dimension[]) =>
    dimensions.map((dimension) => dimensionFor(label, dimension)).filter((dimension) => dimension.length > 0);
  const fromBlock = product(concerning(parameters)).slice(0, cap);
  const dimensions = [...concerning(lists), fromBlock, ...concerning(zips)];
  // The trainings of a setting stand side by side.
  const [seeds, others] = [dimensions.filter(isSeeds), dimensions.filter((dimension) => !isSeeds(dimension))];
  return product([...others, ...(budgets.length > 0 ? [budgets] : []), ...seeds]);
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
