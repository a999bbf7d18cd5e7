import type { Choice } from '../config/sweep/expand.js';
import { settingText } from '../config/setting-text.js';
import { groupBy } from '../group-by.js';
import { finalLoss } from '../results/final-loss.js';
import { hasEnded } from '../results/status.js';
import type { Study, StudyRun } from '../results/study.js';
import { errorOfMean, type ErrorPart } from '../statistics/error-parts.js';
import { holm } from '../statistics/holm.js';
import { mean } from '../statistics/mean.js';
import { testAboveZero, type OneSidedTest } from '../statistics/paired-test.js';
import { ratioStatisticsOf, statisticsOf, type Statistics } from '../statistics/statistics.js';
import { sweptKeys, valueAt } from './swept-values.js';
import { stepRatio } from './over-baseline.js';
import type { Edge } from '../tuning/tuning.js';
import { tuningResults, type TuningResult } from './tuning.js';
import { compareRuns, hasTimes, type Comparison, type SummaryRow, type TitledRun } from './comparison.js';

/** What a sweep measures of every training; each of these is a column of {@link SummaryRow}. */
export const measures = [
  'final_loss',
  'steps_to_target',
  'train_time_to_target_s',
  'steps_ratio',
  'time_ratio',
] as const;
export type Measure = (typeof measures)[number];

/** A run in numbers, compared with the baseline's of the same seed. */
export interface TaskRow {
  readonly id: string;
  readonly row: SummaryRow;
  /** The runs that it is compared with. */
  readonly summary: Comparison;
}

/** A setting of an optimizer over its seeds. */
export interface SettingRow {
  /** `soap precondition_frequency=5`. */
  readonly title: string;
  /** The label among the experiment's optimizers. */
  readonly label: string;
  readonly choices: readonly Choice[];
  /** The value of every key in {@link Summary.swept}; undefined for an option that its optimizer does not have. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether the others are held against it. */
  readonly isBaseline: boolean;
  /** Of a setting that was chosen: the options whose value is the smallest or the largest that was tried. */
  readonly edges: readonly Edge[];
  readonly tasks: readonly TaskRow[];
  /** Whether it ends below the target where that is a number, else below the baseline. */
  readonly test: SettingTest | undefined;
  /** Over the trainings that came to their end; undefined where none has the number. */
  readonly statistics: Readonly<Record<Measure, Statistics | undefined>>;
}

/** A test of final losses, seed by seed. */
export interface SettingTest extends OneSidedTest {
  /** p corrected for all settings of the sweep that are tested. */
  readonly p_holm: number;
}

/** A study in numbers. */
export interface Summary {
  readonly name: string;
  /** The label that the others are compared with. */
  readonly baseline: string;
  readonly target: number | 'baseline_final';
  /** The keys that settings were swept or tuned over, options of optimizers without `optimizers.<label>.`. */
  readonly swept: readonly string[];
  readonly rows: readonly SettingRow[];
  /** One for every seed and every combination of values that all optimizers share. */
  readonly comparisons: readonly Comparison[];
  /** How settings were chosen. */
  readonly tuning: readonly TuningResult[];
}

interface Setting {
  readonly title: string;
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly runs: readonly TitledRun[];
}

/**
 * Summarizes a study. Runs are compared that have the same seed and the same values of everything that is not an
 * optimizer's own. Where the baseline itself has several settings, the one with the lowest mean final loss is the baseline.
 * @param options.target Another validation loss to reach than the configuration's.
 */
export function summarize(study: Study, { target }: { target?: number | undefined } = {}): Summary {
  const settings = settingsOf(study);
  const tuning = tuningResults(study);
  // Before anything is chosen nothing may be compared.
  const first = study.runs[0] ?? study.tunings[0]!.templates[0]!;
  const groups = groupBy(settings, ({ choices }) => JSON.stringify(choices.filter(isShared)));
  const swept = sweptKeys(settings);
  const rows = new Map<string, SettingRow>();
  const comparisons: Comparison[] = [];
  for (const group of groups.values()) {
    const base = bestOf(group.filter(({ label }) => label === study.baseline)) ?? group[0]!;
    const compared = compareGroup(group, base, { name: study.name, target });
    comparisons.push(...compared.comparisons);
    const tasksOf = ({ title }: Setting) => compared.tasks.get(title)!;
    for (const setting of group) {
      const edges = edgesOf(setting, tuning);
      const values = Object.fromEntries(swept.map((key) => [key, valueAt(setting.runs[0]!.config, key)]));
      rows.set(setting.title, { ...settingRow(setting, base, tasksOf(setting), tasksOf(base), edges), values });
    }
  }
  return {
    name: study.name,
    baseline: study.baseline,
    target: target ?? first.config.target,
    swept,
    rows: withHolm(settings.map(({ title }) => rows.get(title)!)),
    comparisons,
    tuning,
  };
}

function settingsOf({ runs }: Study): Setting[] {
  const titled = runs.map((run): TitledRun => ({ ...run, title: settingText(run.optimizer, run.choices) }));
  return [...groupBy(titled, ({ title }) => title)].map(([title, same]) => {
    const { optimizer: label, choices } = same[0]!;
    return { title, label, choices, runs: same };
  });
}

/** Whether a choice concerns all optimizers. */
function isShared({ key }: Choice): boolean {
  return !key.startsWith('optimizers.');
}

function bestOf(settings: readonly Setting[]): Setting | undefined {
  const loss = ({ runs }: Setting) => {
    const losses = runs.filter(isEnded).map(({ run }) => finalLoss(run)!);
    return losses.length === 0 ? Infinity : mean(losses);
  };
  return settings.toSorted((a, b) => loss(a) - loss(b) || 0)[0];
}

function isEnded({ run }: StudyRun): boolean {
  return run.status !== undefined && hasEnded(run.status);
}

/** The runs of a group by the titles of their settings, each compared with the baseline of its seed. */
function compareGroup(
  group: readonly Setting[],
  base: Setting,
  options: { name: string; target?: number | undefined },
) {
  const tasks = new Map(group.map(({ title }): [string, TaskRow[]] => [title, []]));
  const seeds = new Set(group.flatMap(({ runs }) => runs.map(({ seed }) => seed)));
  const comparisons = [...seeds].map((seed) => {
    const members = group.flatMap(({ runs }) => runs.filter((run) => run.seed === seed));
    const own = members.find(({ title }) => title === base.title);
    // A baseline without this seed takes part as one that has not started.
    const baseline = own ?? notStarted(base.runs[0]!, seed);
    const all = own === undefined ? [baseline, ...members] : members;
    const comparison = compareRuns(all, baseline, options);
    for (const { title, id } of members) {
      const row = comparison.rows.find(({ label }) => label === title)!;
      tasks.get(title)!.push({ id, row, summary: comparison });
    }
    return comparison;
  });
  return { tasks, comparisons };
}

function notStarted(task: TitledRun, seed: number): TitledRun {
  const run = { ...task.run, status: undefined, environment: undefined, metrics: [], evaluations: [] };
  return { ...task, seed, config: { ...task.config, seed }, run };
}

function edgesOf({ title }: Setting, tuning: readonly TuningResult[]): readonly Edge[] {
  const chosen = tuning.flatMap((result) => result.chosen ?? []);
  return chosen.find(({ settings }) => settings.includes(title))?.edges ?? [];
}

function settingRow(
  { title, label, choices, runs }: Setting,
  base: Setting,
  tasks: readonly TaskRow[],
  baseTasks: readonly TaskRow[],
  edges: readonly Edge[],
): Omit<SettingRow, 'values'> {
  const errors = timeErrors(runs, base.runs);
  const measured = measures.map((measure) => {
    const statistics = measure.endsWith('_ratio') ? ratioStatisticsOf : statisticsOf;
    return [measure, statistics(valuesOf(runs, tasks, measure), errors[measure])];
  });
  const statistics = Object.fromEntries(measured) as SettingRow['statistics'];
  const isBaseline = title === base.title;
  const below = differences(
    lossesOf(runs, tasks),
    tasks[0]!.summary,
    isBaseline ? undefined : lossesOf(base.runs, baseTasks),
  );
  const test = testAboveZero(below);
  return {
    title,
    label,
    choices,
    isBaseline,
    edges,
    tasks,
    statistics,
    test: test && { ...test, p_holm: test.p },
  };
}

/** How far each training ends below the target, or below the baseline's of its seed. */
function differences(
  losses: ReadonlyMap<number, number>,
  { target_is, target }: Comparison,
  baseline: ReadonlyMap<number, number> = new Map(),
): number[] {
  return [...losses].flatMap(([seed, loss]) => {
    const other = target_is === 'number' ? target! : baseline.get(seed);
    return other === undefined ? [] : [other - loss];
  });
}

/** Final losses by seed. */
function lossesOf(runs: Setting['runs'], tasks: readonly TaskRow[]): Map<number, number> {
  const known = endedTasks(runs, tasks).flatMap(({ row: { seed, final_loss } }) =>
    final_loss === null ? [] : [[seed, final_loss] as const],
  );
  return new Map(known);
}

function withHolm(rows: readonly SettingRow[]): SettingRow[] {
  const corrected = holm(rows.map(({ test }) => test?.p ?? null));
  return rows.map((row, i) =>
    row.test === undefined ? row : { ...row, test: { ...row.test, p_holm: corrected[i]! } },
  );
}

/** Times made of steps that were measured apart are as uncertain as these are, too. */
function timeErrors(runs: Setting['runs'], base: Setting['runs']): Partial<Record<Measure, readonly ErrorPart[]>> {
  const [own, other] = [runs[0]!.run.timed, base[0]!.run.timed];
  if (own === undefined || other === undefined) return {};
  return {
    train_time_to_target_s: [errorOfMean(own.round_ms.map(Math.log), 'rounds')],
    // The baseline against itself is 1, however long its steps take.
    time_ratio: own === other ? [] : stepRatio(own, other).log.parts,
  };
}

/** A measure of the trainings that came to their end, where it is known. */
function valuesOf(runs: Setting['runs'], tasks: readonly TaskRow[], measure: Measure): number[] {
  const known = endedTasks(runs, tasks).filter(({ row }) => hasTimes(row) || !isTime(measure));
  const values = known.map(({ row }) => row[measure]);
  return values.filter((value) => value !== null);
}

function endedTasks(runs: Setting['runs'], tasks: readonly TaskRow[]): TaskRow[] {
  const ended = new Set(runs.filter(isEnded).map(({ id }) => id));
  return tasks.filter(({ id }) => ended.has(id));
}

/** Whether a measure is wall-clock time, or made of it. */
export function isTime(measure: Measure): boolean {
  return measure === 'train_time_to_target_s' || measure === 'time_ratio';
}
