import { z } from 'zod';
import { schemaNode } from '../describe.js';
import { dimensionOf, pointKey } from './dimensions.js';
import type { Dimension, Point } from './dimensions.js';
import { addAll } from '../mistakes.js';
import type { Mistake } from '../mistakes.js';
import { mostTrainings } from '../numbers.js';
import { whole } from '../../whole.js';
import { mistakesOf } from '../resolve.js';
import { readParameter } from './sweep-parameter.js';
import type { SweptParameter } from './sweep-parameter.js';
import { randomItem, randomValue } from './sweep-values.js';
import { fromPlain, lookUp, toPlain } from '../tree.js';
import type { Mapping, Place, Tree } from '../tree.js';
import { plural } from '../../format.js';

/** What a `sweep:` block asks for. */
export interface SweepBlock {
  /** Of `parameters`: a dimension each in a grid, one in all when they are drawn together. */
  readonly parameters: readonly Dimension[];
  /** How many settings of an optimizer `parameters` may make; undefined for all. */
  readonly cap: number | undefined;
  /** Of `zip`: one a mapping. */
  readonly zips: readonly Dimension[];
}

/** The keys of W&B's sweep files as they are, and `zip` and `seed`. */
export const sweepSchema = z.strictObject({
  method: z.enum(['grid', 'random']).default('grid'),
  // Here the loss is what counts; the key is there in files made for W&B.
  metric: z
    .looseObject({ goal: z.literal('minimize').default('minimize') })
    .optional()
    .meta({ expected: 'a mapping with name and goal' }),
  parameters: z.record(z.string(), z.unknown()).default({}).meta({ expected: 'a mapping of dotted keys' }),
  zip: z
    .union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))])
    .default([])
    .meta({ expected: 'a mapping of dotted keys, each with a list, or a list of such mappings' }),
  run_cap: whole(1).max(mostTrainings).optional(),
  seed: whole(0).default(0),
});

/** Reads `sweep:`; undefined when there is none or it has mistakes, which are added to `mistakes`. */
export function readSweepBlock(config: Mapping, mistakes: Mistake[]): SweepBlock | undefined {
  const block = config.entries.get('sweep')?.value;
  if (block === undefined) return undefined;
  const result = sweepSchema.safeParse(toPlain(block));
  if (!result.success || block.kind !== 'mapping') {
    const root = schemaNode(sweepSchema);
    addAll(mistakes, mistakesOf(result.error?.issues ?? [], block as Mapping, root, ['sweep']));
    return undefined;
  }
  const { method, run_cap: cap, seed } = result.data;
  if (method === 'random' && cap === undefined) {
    const { place } = lookUp(block, ['method']);
    const text = 'found random without run_cap, expected run_cap: the number of settings to draw';
    mistakes.push({ place, path: ['sweep', 'method'], text });
    return undefined;
  }
  const swept = parametersBelow(block.entries.get('parameters')?.value, '').flatMap(
    ({ key, spec, place }) => readParameter(key, ['sweep', 'parameters', key], spec, place, method, mistakes) ?? [],
  );
  const unknown = swept.filter(({ path, place }) => !isKnownLabel(config, path, place, mistakes));
  const zips = zipMappings(block.entries.get('zip')?.value).flatMap((mapping) => zipped(mapping, config, mistakes));
  if (unknown.length > 0) return undefined;
  if (method === 'grid' || swept.length === 0) {
    return { parameters: swept.map(({ path, values }) => values.map((value) => [{ path, value }])), cap, zips };
  }
  const draws = drawn(swept, cap!, seed);
  if (draws.length < cap!) {
    const { place } = lookUp(block, ['run_cap']);
    const text = `found ${cap!}, expected at most ${draws.length}: there are no more different settings`;
    mistakes.push({ place, path: ['sweep', 'run_cap'], text });
  }
  return { parameters: [draws], cap, zips };
}

/** W&B nests parameters of parameters; here their names are put together with dots. */
function parametersBelow(tree: Tree | undefined, prefix: string): { key: string; spec: Tree; place: Place }[] {
  if (tree?.kind !== 'mapping') return [];
  return [...tree.entries].flatMap(([name, { key: place, value }]) => {
    const nested = value.kind === 'mapping' ? value.entries.get('parameters')?.value : undefined;
    return nested === undefined
      ? [{ key: prefix + name, spec: value, place }]
      : parametersBelow(nested, `${prefix}${name}.`);
  });
}

/**
 * All parameters drawn together, until there are `count` different settings. A larger count has the same first ones.
 * @returns Fewer when nothing new has come for so long that there is nothing new.
 */
function drawn(swept: readonly SweptParameter[], count: number, seed: number): Dimension {
  const distinct = swept.map((parameter) => {
    return { ...parameter, values: [...new Map(parameter.values.map((value) => [keyOf(value), value])).values()] };
  });
  const points = new Map<string, Point>();
  // Of n settings, one that is left is missed 20·n times in a row with probability e⁻²⁰.
  for (let draw = 0, misses = 0; points.size < count && misses < 20 * (points.size + 50); draw++) {
    const point = distinct.map(({ path, place, range, values }) => {
      const key = path.join('.');
      const value = range ? fromPlain(randomValue(range, seed, key, draw), place) : randomItem(values, seed, key, draw);
      return { path, value };
    });
    const key = pointKey(point);
    misses = points.has(key) ? misses + 1 : 0;
    if (misses === 0) points.set(key, point);
  }
  return [...points.values()];
}

function keyOf(value: Tree): string {
  return JSON.stringify(toPlain(value));
}

function zipMappings(tree: Tree | undefined): Mapping[] {
  if (tree?.kind === 'list') return tree.items.filter((item) => item.kind === 'mapping');
  return tree?.kind === 'mapping' ? [tree] : [];
}

/** Lists that are gone through side by side. */
function zipped(mapping: Mapping, config: Mapping, mistakes: Mistake[]): Dimension[] {
  const lists = [...mapping.entries].map(([key, { key: place, value }]) => ({ key, place, value }));
  const first = lists[0];
  if (first === undefined) return [];
  const length = first.value.kind === 'list' ? first.value.items.length : 0;
  const columns = lists.flatMap(({ key, place, value }): Dimension[] => {
    const path = key.split('.');
    const at = ['sweep', 'zip', key];
    if (value.kind !== 'list') {
      mistakes.push({ place, path: at, text: 'found no list, expected the values that go together with the others' });
      return [];
    }
    if (value.items.length !== length) {
      const text = `found ${plural(value.items.length, 'value')}, expected ${length}, as many as ${first.key} has`;
      mistakes.push({ place: value.place, path: at, text });
      return [];
    }
    return isKnownLabel(config, path, place, mistakes) ? dimensionOf(path, value, mistakes) : [];
  });
  if (columns.length < lists.length) return [];
  return [Array.from({ length }, (_, row) => columns.flatMap((column) => column[row]!))];
}

/** A label that a block made up would be an optimizer of its own. */
function isKnownLabel(config: Mapping, path: readonly string[], place: Place, mistakes: Mistake[]): boolean {
  const optimizers = config.entries.get('optimizers')?.value;
  const labels = optimizers?.kind === 'mapping' ? [...optimizers.entries.keys()] : [];
  if (path[0] !== 'optimizers' || labels.includes(path[1] ?? '')) return true;
  const text = `found the label "${path[1] ?? ''}", expected one of the labels of optimizers: ${labels.join(', ')}`;
  mistakes.push({ place, path, text });
  return false;
}
