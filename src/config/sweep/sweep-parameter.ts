import { z } from 'zod';
import { schemaNode } from '../describe.js';
import { addAll } from '../mistakes.js';
import type { Mistake } from '../mistakes.js';
import { mostTrainings } from '../numbers.js';
import { whole } from '../../whole.js';
import { mistakesOf } from '../resolve.js';
import { distributions, spacedValues, wholeValues } from './sweep-values.js';
import type { Range } from './sweep-values.js';
import { fromPlain, toPlain } from '../tree.js';
import type { Mapping, Place, Tree } from '../tree.js';

/** One key that a sweep varies: over values, or in a range that is drawn from. */
export interface SweptParameter {
  readonly path: readonly string[];
  readonly place: Place;
  /** Empty when there is a range to draw from. */
  readonly values: readonly Tree[];
  readonly range: Range | undefined;
}

const parameterSchema = z.strictObject({
  value: z.unknown().optional(),
  values: z.array(z.unknown()).min(1).optional().meta({ expected: 'a list of values' }),
  distribution: z.enum([...distributions, 'categorical', 'constant']).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  count: whole(2).max(mostTrainings).optional(),
});

/**
 * Reads what a sweep or `tune` says of one key: a list, or W&B's `value`, `values`, or `min` and `max` with a `distribution`; in a grid
 * `count` says how many values the range gives.
 * @param at The keys above `spec`, for messages.
 * @returns Undefined when it has mistakes, which are added to `mistakes`.
 */
export function readParameter(
  key: string,
  at: readonly string[],
  spec: Tree,
  place: Place,
  method: 'grid' | 'random',
  mistakes: Mistake[],
): SweptParameter | undefined {
  const result = parameterSchema.safeParse(spec.kind === 'mapping' ? toPlain(spec) : {});
  if (!result.success) {
    const root = schemaNode(parameterSchema);
    addAll(mistakes, mistakesOf(result.error.issues, spec as Mapping, root, at));
    return undefined;
  }
  const read = interpret(spec, result.data, method);
  if (typeof read === 'object') return { path: key.split('.'), place, ...read };
  mistakes.push({ place: spec.place, path: at, text: read });
  return undefined;
}

/** The values or the range, or what is wrong with them. */
function interpret(
  spec: Tree,
  { min, max, count, distribution }: z.output<typeof parameterSchema>,
  method: 'grid' | 'random',
): Pick<SweptParameter, 'values' | 'range'> | string {
  const fixed = (values: readonly Tree[]) => ({ values, range: undefined });
  if (spec.kind === 'scalar') return 'found a single value, expected a list, or a mapping with values, or min and max';
  if (spec.kind === 'list') return spec.items.length > 0 ? fixed(spec.items) : 'found an empty list, expected values';
  const given = ['value', 'values'].filter((name) => spec.entries.has(name));
  const isRange = min !== undefined || max !== undefined;
  if (given.length + Number(isRange) !== 1) return 'expected one of value, values, or min and max';
  if (!isRange) return fixed(valuesOf(spec));
  if (min === undefined || max === undefined || min >= max) {
    return `found min ${min ?? 'left out'} and max ${max ?? 'left out'}, expected both, min below max`;
  }
  const isWhole = Number.isInteger(min) && Number.isInteger(max);
  const range = { min, max, distribution: distribution ?? (isWhole ? 'int_uniform' : 'uniform') };
  if (!isContinuous(range)) {
    return `found ${range.distribution} with min and max, expected one of ${distributions.join(', ')}`;
  }
  if (range.distribution === 'int_uniform' && !isWhole)
    return 'found int_uniform, expected whole numbers as min and max';
  if (range.distribution === 'log_uniform_values' && min <= 0) {
    return `found min ${min}, expected a number > 0 with log_uniform_values`;
  }
  if (method === 'random') {
    return count === undefined ? { values: [], range } : 'found count, expected none: run_cap says how many to draw';
  }
  if (count === undefined && range.distribution !== 'int_uniform') {
    return 'found a range, expected count too: the number of values of the grid';
  }
  const numbers = count === undefined ? wholeValues(range) : spacedValues(range, count);
  return fixed(numbers.map((number) => fromPlain(number, spec.place)));
}

function valuesOf(spec: Mapping): readonly Tree[] {
  const values = spec.entries.get('values')?.value;
  return values?.kind === 'list' ? values.items : [spec.entries.get('value')!.value];
}

function isContinuous(range: Omit<Range, 'distribution'> & { distribution: string }): range is Range {
  return (distributions as readonly string[]).includes(range.distribution);
}
