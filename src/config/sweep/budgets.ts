import { z } from 'zod';
import { nodesBelow, schemaNode } from '../describe.js';
import type { SchemaNode } from '../describe.js';
import { withPoint } from './dimensions.js';
import type { Dimension } from './dimensions.js';
import { addAll } from '../mistakes.js';
import type { Mistake } from '../mistakes.js';
import { whole } from '../../whole.js';
import { writeOutShorthand } from '../presets.js';
import { mistakesOf } from '../resolve.js';
import { fromPlain, toPlain } from '../tree.js';
import type { Mapping, Place, Tree } from '../tree.js';

/** Trainings of several lengths, each with a warm-up and a decay of its own. */
export interface Budgets {
  /**
   * The lengths of a training, in `train.steps`.
   * @param full Its own `train.steps` where these are swept, of which lengths are shares; undefined for the file's.
   */
  dimension(full: number | undefined): Dimension;
  /** Shortens the warm-ups of a configuration, those of optimizers too, as its `train.steps` have been shortened. */
  scaleWarmups(config: Mapping): Mapping;
}

export const budgetsSchema = z.strictObject({
  steps: z.array(whole(1)).min(1).optional().meta({ expected: 'a list of numbers of steps' }),
  fraction: z.array(z.number().gt(0).max(1)).min(1).optional().meta({ expected: 'a list of shares of train.steps' }),
});

const stepsPath = ['train', 'steps'];

/**
 * Reads `budgets:`.
 * @param root Describes the schema of a configuration, which says what a warm-up is.
 * @param swept What else is swept: with `steps`, `train.steps` must not be.
 * @returns Undefined when there is none or it has mistakes, which are added to `mistakes`.
 */
export function readBudgets(
  config: Mapping,
  root: SchemaNode,
  swept: readonly Dimension[],
  mistakes: Mistake[],
): Budgets | undefined {
  const entry = config.entries.get('budgets');
  if (entry === undefined) return undefined;
  const { value: block } = entry;
  const result = budgetsSchema.safeParse(toPlain(block));
  if (!result.success) {
    addAll(mistakes, mistakesOf(result.error.issues, block as Mapping, schemaNode(budgetsSchema), ['budgets']));
    return undefined;
  }
  const { steps, fraction } = result.data;
  if ((steps === undefined) === (fraction === undefined)) {
    const found = steps === undefined ? 'neither steps nor fraction' : 'steps and fraction';
    mistakes.push({ place: block.place, path: ['budgets'], text: `found ${found}, expected one of the two` });
    return undefined;
  }
  const other = swept.flat(2).find(({ path }) => path.join('.') === 'train.steps');
  const full = numberAt(config, stepsPath);
  if (other !== undefined && (fraction === undefined || full === undefined)) {
    const text = 'found several values beside budgets, expected a single one, of which the budgets are shares';
    mistakes.push({ place: other.value.place, path: ['train', 'steps'], text });
    return undefined;
  }
  // What is no number of steps is left for the schema to refuse.
  if (full === undefined) return undefined;
  return {
    dimension: (own = full) => {
      const lengths = steps ?? fraction!.map((share) => Math.max(1, Math.round(share * own)));
      return [...new Set(lengths)].map((length) => [{ path: stepsPath, value: fromPlain(length, block.place) }]);
    },
    scaleWarmups: (budget) => scaleWarmups(budget, root, full),
  };
}

/** Rounded down, so that a warm-up and a decay that fit into the whole fit into its parts. */
function scaleWarmups(config: Mapping, root: SchemaNode, full: number): Mapping {
  const steps = numberAt(config, stepsPath);
  if (steps === undefined) return config;
  const scaled = warmupsIn(config, [root], []).map(({ path, length, place }) => {
    return { path, value: fromPlain(Math.floor((length * steps) / full), place) };
  });
  return withPoint(config, scaled, writeOutShorthand);
}

interface Warmup {
  readonly path: readonly string[];
  readonly length: number;
  readonly place: Place;
}

/** @param nodes What the schema has for `tree`, in any variant: presets, which may name the variant, are not expanded. */
function warmupsIn(tree: Tree, nodes: readonly SchemaNode[], path: readonly string[]): Warmup[] {
  if (tree.kind === 'mapping') {
    return [...tree.entries].flatMap(([key, { value }]) => warmupsIn(value, nodesBelow(nodes, key), [...path, key]));
  }
  if (tree.kind !== 'scalar' || !Number.isInteger(tree.value) || !nodes.some(({ warmup }) => warmup)) return [];
  return [{ path, length: tree.value as number, place: tree.place }];
}

function numberAt(config: Mapping, path: readonly string[]): number | undefined {
  const tree = treeAt(config, path);
  return tree?.kind === 'scalar' && Number.isInteger(tree.value) ? (tree.value as number) : undefined;
}

function treeAt(config: Mapping, path: readonly string[]): Tree | undefined {
  return path.reduce<Tree | undefined>(
    (tree, key) => (tree?.kind === 'mapping' ? tree.entries.get(key)?.value : undefined),
    config,
  );
}
