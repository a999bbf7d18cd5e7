import { z } from 'zod';
import { schemaNode } from '../describe.js';
import type { Point } from './dimensions.js';
import { addAll } from '../mistakes.js';
import type { Mistake } from '../mistakes.js';
import { mistakesOf } from '../resolve.js';
import { mostTrainings } from '../numbers.js';
import { whole } from '../../whole.js';
import { readParameter } from './sweep-parameter.js';
import type { SweptParameter } from './sweep-parameter.js';
import { toPlain, withEntry, withValues, withoutEntry } from '../tree.js';
import type { Entry, Mapping, Place } from '../tree.js';

export const tuneProtocols = ['grid', 'paper'] as const;

/** How the options of an optimizer are to be chosen. */
export interface TuneRequest {
  /** Its options, each with the values to try. */
  readonly grid: readonly TunedOption[];
  readonly protocol: (typeof tuneProtocols)[number];
  /** Whether more values are tried where the best one is the smallest or the largest. */
  readonly extend: boolean;
  /** What they are tried with; none of the seeds that are reported. */
  readonly seed: number;
}

export interface TunedOption {
  readonly key: string;
  readonly values: readonly unknown[];
}

/** A request, and its values with the places where they were written. */
export interface TuneBlock {
  readonly request: TuneRequest;
  readonly parameters: readonly SweptParameter[];
  /** Where its seed is written, or the block. */
  readonly seedPlace: Place;
}

const tuneSchema = z.looseObject({
  protocol: z.enum(tuneProtocols).default('grid'),
  extend: z.boolean().default(false),
  seed: whole(0).default(1000),
});

/** The `tune` of each optimizer that has one, by label; those with mistakes, which are added to `mistakes`, are missing. */
export function readTuneBlocks(config: Mapping, mistakes: Mistake[]): Map<string, TuneBlock> {
  const labels = config.entries.get('optimizers')?.value;
  if (labels?.kind !== 'mapping') return new Map();
  const blocks = [...labels.entries].flatMap(([label, { value }]): [string, TuneBlock][] => {
    const tune = value.kind === 'mapping' ? value.entries.get('tune') : undefined;
    const block = tune && readTuneBlock(label, tune, mistakes);
    return block === undefined ? [] : [[label, block]];
  });
  return new Map(blocks);
}

function readTuneBlock(label: string, { value: tune }: Entry, mistakes: Mistake[]): TuneBlock | undefined {
  const at = ['optimizers', label, 'tune'];
  const result = tuneSchema.safeParse(toPlain(tune));
  if (!result.success || tune.kind !== 'mapping') {
    const root = schemaNode(tuneSchema);
    addAll(mistakes, mistakesOf(result.error?.issues ?? [], tune as Mapping, root, at));
    return undefined;
  }
  const { protocol, extend, seed } = result.data;
  const options = [...tune.entries].filter(([key]) => !Object.keys(tuneSchema.shape).includes(key));
  const read = options.map(([key, { key: place, value }]) => {
    const parameter = readParameter(key, [...at, key], value, place, 'grid', mistakes);
    return parameter && { ...parameter, path: ['optimizers', label, key] };
  });
  const parameters = read.filter((parameter) => parameter !== undefined);
  if (parameters.length < options.length) return undefined;
  const names = options.map(([key]) => key);
  if (names.length === 0 || (protocol === 'paper' && !names.includes('lr'))) {
    const text =
      names.length === 0
        ? 'found nothing to tune, expected options such as `lr: [1e-3, 3e-3, 1e-2]`'
        : 'found no learning rates, expected lr: [...], the first that the protocol of the paper tries';
    mistakes.push({ place: tune.place, path: at, text });
    return undefined;
  }
  const grid = parameters.map(({ values }, index) => ({ key: names[index]!, values: values.map(toPlain) }));
  const single = grid.find(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size < 2);
  if (single !== undefined && (protocol === 'grid' || single.key === 'lr')) {
    const text = 'found one value, expected at least two to choose from';
    mistakes.push({ place: tune.entries.get(single.key)!.value.place, path: [...at, single.key], text });
    return undefined;
  }
  if (grid.reduce((size, { values }) => size * values.length, 1) > mostTrainings && protocol === 'grid') {
    const most = mostTrainings.toLocaleString('en-US');
    mistakes.push({
      place: tune.place,
      path: at,
      text: `found more than ${most} settings in all, expected fewer values`,
    });
    return undefined;
  }
  return {
    request: { grid, protocol, extend, seed },
    parameters,
    seedPlace: (tune.entries.get('seed')?.value ?? tune).place,
  };
}

/**
 * The configuration without `tune`. What a grid alone decides gets its first value, so that it can be checked; with the
 * protocol of the paper, options other than the learning rate keep the value that the rates are tried with.
 */
export function withoutTune(config: Mapping): Mapping {
  const labels = config.entries.get('optimizers');
  if (labels?.value.kind !== 'mapping') return config;
  const value = withValues(labels.value, (_label, { value: options }) => {
    return options.kind === 'mapping' ? withoutEntry(options, 'tune') : options;
  });
  return withEntry(config, 'optimizers', { key: labels.key, value });
}

/** The first value of every option that has none of its own while the others are tried. */
export function startOf({ request, parameters }: TuneBlock): Point {
  const started = parameters.filter(({ path }) => request.protocol === 'grid' || path.at(-1) === 'lr');
  return started.map(({ path, values }) => ({ path, value: values[0]! }));
}
