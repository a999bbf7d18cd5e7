import { takesList } from '../describe.js';
import type { SchemaNode } from '../describe.js';
import type { Mistake } from '../mistakes.js';
import { merge, toPlain } from '../tree.js';
import type { List, Mapping, Tree } from '../tree.js';

/** A value for one key of the configuration. */
export interface Setting {
  readonly path: readonly string[];
  readonly value: Tree;
}

/** Values that several keys take together. */
export type Point = readonly Setting[];

/** The points of which every training takes one. */
export type Dimension = readonly Point[];

// What names and compares trainings is the same for all of them.
const neverSwept = ['name', 'baseline', 'target', 'sweep', 'budgets'];

/** The keys whose value is a list although they take a single one, each with the values to try. */
export function listDimensions(config: Mapping, root: SchemaNode, mistakes: Mistake[]): Dimension[] {
  const walk = (tree: Tree, path: readonly string[]): Dimension[] => {
    if (neverSwept.includes(path.join('.'))) return [];
    if (tree.kind === 'mapping') {
      return [...tree.entries].flatMap(([key, { value }]) => walk(value, [...path, key]));
    }
    // A list of optimizers lacks their labels: left for the schema to refuse.
    if (tree.kind === 'scalar' || path.join('.') === 'optimizers') return [];
    return isChoice(tree, takesList(root, path)) ? dimensionOf(path, tree, mistakes) : [];
  };
  return walk(config, []);
}

/** A list of values to try, and not one value that is a list. */
export function isChoice({ items }: List, valueIsList: boolean): boolean {
  return !valueIsList || (items.length > 0 && items.every(({ kind }) => kind === 'list'));
}

/** The values of a list, tried one after the other. */
export function dimensionOf(path: readonly string[], list: List, mistakes: Mistake[]): Dimension[] {
  if (list.items.length > 0) return [list.items.map((value) => [{ path, value }])];
  mistakes.push({ place: list.place, path, text: 'found an empty list, expected at least one value' });
  return [];
}

/** The configuration with a point's values in the place of what was there. */
export function withPoint(config: Mapping, point: Point, shorthand: (layer: Mapping) => Mapping): Mapping {
  return point.reduce((below, { path, value }) => {
    let layer = value;
    for (const key of path.toReversed()) {
      layer = { kind: 'mapping', place: value.place, entries: new Map([[key, { key: value.place, value: layer }]]) };
    }
    return merge(below, shorthand(layer as Mapping)) as Mapping;
  }, config);
}

/**
 * What of a dimension concerns one optimizer: settings of other labels fall away, and with them the points that are then
 * the same. No points: it does not concern this optimizer at all.
 */
export function dimensionFor(label: string, dimension: Dimension): Dimension {
  const concerns = ({ path }: Setting) => path[0] !== 'optimizers' || path[1] === label;
  const seen = new Set<string>();
  return dimension
    .map((point) => point.filter(concerns))
    .filter((point) => {
      const key = pointKey(point);
      if (point.length === 0 || seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}

/** The same for points with the same values. */
export function pointKey(point: Point): string {
  return JSON.stringify(point.map(({ path, value }) => [path.join('.'), toPlain(value)]));
}

/** Ways to take a point of each dimension, the last of which varies fastest: all of them, or the first `most`. */
export function product(dimensions: readonly Dimension[], most = Infinity): Point[] {
  const points: Point[] = [];
  for (const point of combinations(dimensions)) {
    if (points.length >= most) break;
    points.push(point);
  }
  return points;
}

/** How many ways there are. */
export function productSize(dimensions: readonly Dimension[]): number {
  return dimensions.reduce((size, { length }) => size * length, 1);
}

function* combinations([first, ...others]: readonly Dimension[]): Generator<Point> {
  if (first === undefined) yield [];
  else for (const point of first) for (const next of combinations(others)) yield [...point, ...next];
}
