import { groupBy } from '../group-by.js';
import type { RunConfig } from '../config/run-config.js';
import { finalLoss } from '../results/final-loss.js';
import type { FoundRun } from '../results/find.js';
import { hasEnded } from '../results/status.js';
import { stepsToTarget } from './steps-to-target.js';
import { statisticsOf, type Statistics } from '../statistics/statistics.js';

/** What a comparison of settings measures of every training. */
export const settingMeasures = ['final_loss', 'steps_to_target', 'train_time_s'] as const;
export type SettingMeasure = (typeof settingMeasures)[number];

/** Trainings of one experiment that differ in nothing but the seed. */
export interface Setting {
  readonly experiment: string;
  /** The label in its experiment, in a sweep with what sets it apart. */
  readonly title: string;
  /** Of each of its trainings. */
  readonly steps: number;
  /** The values of {@link SettingsTable.differing}; undefined for a key that this setting has not got. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly trainings: readonly Training[];
  /** Over the trainings that came to their end; undefined where none has the number. */
  readonly statistics: Readonly<Record<SettingMeasure, Statistics | undefined>>;
}

export interface Training {
  readonly run: string;
  readonly seed: number;
  readonly state: FoundRun['state'];
  /** Nats a token, infinite when diverged; undefined when it has not come to its end. */
  readonly final_loss: number | undefined;
  /** Infinite when the target was not reached; undefined without a target. */
  readonly steps_to_target: number | undefined;
  readonly train_time_s: number | undefined;
}

export interface SettingsTable {
  readonly target: number | undefined;
  /** What a training step is worth, in nats, where lengths are unequal. */
  readonly slope?: number | undefined;
  /** Keys in which settings differ that have them; options of optimizers without `optimizers.<label>.`. */
  readonly differing: readonly string[];
  readonly settings: readonly Setting[];
}

/** The runs whose configuration is known, seeds together, in the order in which settings are met first. */
export function compareSettings(runs: readonly FoundRun[], target: number | undefined): SettingsTable {
  const known = runs.flatMap((run) => (run.config === undefined ? [] : [{ run, values: keysOf(run.config) }]));
  const groups = [
    ...groupBy(known, ({ run, values }) => JSON.stringify([run.experiment, run.setting, [...values]])).values(),
  ];
  const differing = differingKeys(groups.map((group) => group[0]!.values));
  const settings = groups.map((group): Setting => {
    const { run, values } = group[0]!;
    const trainings = group.map((one) => trainingOf(one.run, target));
    const statistics = settingMeasures.map((measure) => {
      const numbers = trainings.flatMap((training) => training[measure] ?? []);
      return [measure, statisticsOf(numbers)] as const;
    });
    return {
      experiment: run.experiment,
      title: run.setting,
      steps: run.config!.train.steps,
      values: Object.fromEntries(differing.map((key) => [key, values.get(key)])),
      trainings,
      statistics: Object.fromEntries(statistics) as Setting['statistics'],
    };
  });
  return { target, differing, settings };
}

/** All that decides a training besides its seed, by dotted keys. */
function keysOf({ optimizer, options, ...shared }: RunConfig): Map<string, unknown> {
  const without = ['name', 'label', 'target', 'seed'];
  const keys = Object.entries(shared).filter(([key]) => !without.includes(key));
  return new Map([...Object.entries({ optimizer, ...options }), ...leaves(Object.fromEntries(keys))]);
}

/** The values of a mapping by their dotted keys; a list is one value. */
export function leaves(value: object, path = ''): [string, unknown][] {
  return Object.entries(value).flatMap(([key, part]: [string, unknown]): [string, unknown][] => {
    const isMapping = typeof part === 'object' && part !== null && !Array.isArray(part);
    return isMapping ? leaves(part, `${path}${key}.`) : [[path + key, part]];
  });
}

/** Options that only one optimizer has are no difference between two of them: the optimizer is. */
function differingKeys(settings: readonly ReadonlyMap<string, unknown>[]): string[] {
  const keys = [...new Set(settings.flatMap((values) => [...values.keys()]))];
  return keys.filter((key) => {
    const having = settings.filter((values) => values.has(key));
    return new Set(having.map((values) => JSON.stringify(values.get(key)))).size > 1;
  });
}

function trainingOf({ name, config, state, overview }: FoundRun, target: number | undefined): Training {
  const last = hasEnded({ state }) ? overview?.evaluations.at(-1) : undefined;
  const common = { run: name, seed: config!.seed, state };
  if (last === undefined) {
    return { ...common, final_loss: undefined, steps_to_target: undefined, train_time_s: undefined };
  }
  const crossing = target === undefined ? undefined : stepsToTarget(overview!.evaluations, target).steps;
  const isLost = state === 'diverged';
  return {
    ...common,
    final_loss: finalLoss(overview!),
    steps_to_target: isLost && crossing !== undefined ? Infinity : crossing,
    train_time_s: isLost ? undefined : last.train_time_s,
  };
}
