import { z } from 'zod';
import { schemaNode } from './describe.js';
import { withPoint } from './dimensions.js';
import type { Dimension } from './dimensions.js';
import { addAll } from './mistakes.js';
import type { Mistake } from './mistakes.js';
import { whole } from './numbers.js';
import { writeOutShorthand } from './presets.js';
import { mistakesOf } from './resolve.js';
import { fromPlain, toPlain } from './tree.js';
import type { Mapping, Tree } from './tree.js';

/** Trainings of several lengths, each with a warm-up and a decay of its own. */
export interface Budgets {
  /**
   * The lengths of a training, in `train.steps`.
   * @param full Its own `train.steps` where these are swept, of which lengths are shares; undefined for the file's.
   */
  dimension(full: number | undefined): Dimension;
  /** Shortens the warm-up of a configuration as its `train.steps` have been shortened. */
  scaleWarmup(config: Mapping): Mapping;
}

export const budgetsSchema = z.strictObject({
  steps: z.array(whole(1)).min(1).optional().meta({ expected: 'a list of numbers of steps' }),
  fraction: z.array(z.number().gt(0).max(1)).min(1).optional().meta({ expected: 'a list of shares of train.steps' }),
});

const stepsPath = ['train', 'steps'];
const warmupPath = ['train', 'schedule', 'warmup_steps'];

/**
 * Reads `budgets:`.
 * @param swept What else is swept: with `steps`, `train.steps` must not be.
 * @returns Undefined when there is none or it has mistakes, which are added to `mistakes`.
 */
export function readBudgets(config: Mapping, swept: readonly Dimension[], mistakes: Mistake[]): Budgets | undefined {
  const entry = config.entries.get('budgets');
  if (entry === undefined) return undefined;
  const { value: block } = entry;
  const result = budgetsSchema.safeParse(toPlain(block));
  if (!result.success) {
    const root = schemaNode(budgetsSchema);
    addAll(mistakes, mistakesOf(result.error.issues, block as Mapping, root, ['budgets']));
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
    scaleWarmup: (budget) => scaleWarmup(budget, full),
  };
}

/** Rounded down, so that a warm-up and a decay that fit into the whole fit into its parts. */
function scaleWarmup(config: Mapping, full: number): Mapping {
  const [steps, warmup] = [numberAt(config, stepsPath), numberAt(config, warmupPath)];
  if (steps === undefined || warmup === undefined) return config;
  const value = fromPlain(Math.floor((warmup * steps) / full), treeAt(config, warmupPath)!.place);
  return withPoint(config, [{ path: warmupPath, value }], writeOutShorthand);
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
