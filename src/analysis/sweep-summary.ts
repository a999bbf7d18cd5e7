import type { Choice } from '../config/sweep/expand.js';
import { settingText } from '../config/setting-text.js';
import { groupBy } from '../group-by.js';
import type { Experiment, Run } from '../results/read.js';
import type { Sweep, SweptRun } from '../results/read-sweep.js';
import { errorOfMean, type ErrorPart } from '../statistics/error-parts.js';
import { holm } from '../statistics/holm.js';
import { mean } from '../statistics/mean.js';
import { testAboveZero, type OneSidedTest } from '../statistics/paired-test.js';
import { ratioStatisticsOf, statisticsOf, type Statistics } from '../statistics/statistics.js';
import { stepRatio } from './over-baseline.js';
import type { Edge } from '../tuning/tuning.js';
import { tuningResults, type TuningResult } from './tuning.js';
import { hasTimes, stateOf, summarize, type Summary, type SummaryRow } from './summary.js';

/** What a sweep measures of every training; each of these is a column of {@link SummaryRow}. */
export const sweepMeasures = [
  'final_loss',
  'steps_to_target',
  'train_time_to_target_s',
  'steps_ratio',
  'time_ratio',
] as const;
export type SweepMeasure = (typeof sweepMeasures)[number];

/** A training in numbers, held against the baseline with the same seed. */
export interface TaskRow {
  readonly id: string;
  readonly row: SummaryRow;
  /** Of the trainings that it is compared with. */
  readonly summary: Summary;
}

/** A setting of an optimizer over its seeds. */
export interface SettingRow {
  /** `soap precondition_frequency=5`. */
  readonly title: string;
  /** The label among the experiment's optimizers. */
  readonly label: string;
  readonly choices: readonly Choice[];
  /** Whether the others are held against it. */
  readonly isBaseline: boolean;
  /** Of a setting that was chosen: the options whose value is the smallest or the largest that was tried. */
  readonly edges: readonly Edge[];
  readonly tasks: readonly TaskRow[];
  /** Whether it ends below the target where that is a number, else below the baseline. */
  readonly test: SettingTest | undefined;
  /** Over the trainings that came to their end; undefined where none has the number. */
  readonly statistics: Readonly<Record<SweepMeasure, Statistics | undefined>>;
}

/** A test of final losses, seed by seed. */
export interface SettingTest extends OneSidedTest {
  /** p corrected for all settings of the sweep that are tested. */
  readonly p_holm: number;
}

export interface SweepSummary {
  readonly name: string;
  readonly baseline: string;
  readonly target: number | 'baseline_final';
  readonly rows: readonly SettingRow[];
  /** How settings were chosen. */
  readonly tuning: readonly TuningResult[];
}

interface Setting {
  readonly title: string;
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly runs: readonly SweptRun[];
}

/**
 * Summarizes a sweep. Trainings are compared with the same seed and the same values of everything that is not an
 * optimizer's own. Where the baseline itself has several settings, the one with the lowest mean final loss is the baseline.
 * @param options.target Another validation loss to reach than the configuration's.
 */
export function summarizeSweep(sweep: Sweep, options: { target?: number } = {}): SweepSummary {
  const settings = settingsOf(sweep);
  const tuning = tuningResults(sweep);
  // Before anything is chosen nothing may be compared.
  const first = sweep.runs[0] ?? sweep.tunings[0]!.templates[0]!;
  const groups = groupBy(settings, ({ choices }) => JSON.stringify(choices.filter(isShared)));
  const rows = new Map<string, SettingRow>();
  for (const group of groups.values()) {
    const base = bestOf(group.filter(({ label }) => label === sweep.baseline)) ?? group[0]!;
    const tasks = comparedTasks(group, base, options);
    for (const setting of group)
      rows.set(
        setting.title,
        settingRow(setting, base, tasks.get(setting.title)!, tasks.get(base.title)!, edgesOf(setting, tuning)),
      );
  }
  return {
    name: sweep.name,
    baseline: sweep.baseline,
    target: options.target ?? first.config.target,
    rows: withHolm(settings.map(({ title }) => rows.get(title)!)),
    tuning,
  };
}

function settingsOf({ runs }: Sweep): Setting[] {
  const byTitle = groupBy(runs, ({ optimizer, choices }) => settingText(optimizer, choices));
  return [...byTitle].map(([title, same]) => {
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
    const losses = runs.filter(({ run }) => isEnded(run)).map(({ run }) => finalLoss(run));
    return losses.length === 0 ? Infinity : mean(losses);
  };
  return settings.toSorted((a, b) => loss(a) - loss(b) || 0)[0];
}

function finalLoss(run: Run): number {
  const last = run.evaluations.at(-1)?.loss ?? NaN;
  return stateOf(run) === 'diverged' || Number.isNaN(last) ? Infinity : last;
}

function isEnded(run: Run): boolean {
  return ['finished', 'diverged', 'stopped_at_target'].includes(stateOf(run));
}

/** The trainings of a group, seed by seed, each held against the baseline of its seed. */
function comparedTasks(group: readonly Setting[], base: Setting, options: { target?: number }) {
  const tasks = new Map(group.map(({ title }): [string, TaskRow[]] => [title, []]));
  const seeds = new Set(group.flatMap(({ runs }) => runs.map(({ seed }) => seed)));
  for (const seed of seeds) {
    const members = group.flatMap(({ title, runs }) =>
      runs.filter((swept) => swept.seed === seed).map((swept) => ({ title, swept })),
    );
    const summary = summarize(experimentOf(members, base, seed), options);
    for (const { title, swept } of members) {
      const row = summary.rows.find(({ label }) => label === title)!;
      tasks.get(title)!.push({ id: swept.id, row, summary });
    }
  }
  return tasks;
}

/** An experiment of the settings with one seed, as if it had been run by itself. */
function experimentOf(members: readonly { title: string; swept: SweptRun }[], base: Setting, seed: number): Experiment {
  const known = members.some(({ title }) => title === base.title);
  // A baseline without this seed takes part as one that has not started.
  const all = known ? members : [{ title: base.title, swept: notStarted(base.runs[0]!) }, ...members];
  const { config } = all.find(({ title }) => title === base.title)!.swept;
  const options = all.map(({ title, swept }) => [title, Object.values(swept.config.optimizers)[0]!] as const);
  return {
    directory: '',
    config: { ...config, seed, baseline: base.title, optimizers: Object.fromEntries(options) },
    runs: all.map(({ title, swept }) => ({ ...swept.run, label: title })),
  };
}

function notStarted(swept: SweptRun): SweptRun {
  return { ...swept, run: { ...swept.run, status: undefined, environment: undefined, metrics: [], evaluations: [] } };
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
): SettingRow {
  const errors = timeErrors(runs, base.runs);
  const measured = sweepMeasures.map((measure) => {
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
  { target_is, target }: Summary,
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
function timeErrors(runs: Setting['runs'], base: Setting['runs']): Partial<Record<SweepMeasure, readonly ErrorPart[]>> {
  const [own, other] = [runs[0]!.run.timed, base[0]!.run.timed];
  if (own === undefined || other === undefined) return {};
  return {
    train_time_to_target_s: [errorOfMean(own.round_ms.map(Math.log), 'rounds')],
    // The baseline against itself is 1, however long its steps take.
    time_ratio: own === other ? [] : stepRatio(own, other).log.parts,
  };
}

/** A measure of the trainings that came to their end, where it is known. */
function valuesOf(runs: Setting['runs'], tasks: readonly TaskRow[], measure: SweepMeasure): number[] {
  const known = endedTasks(runs, tasks).filter(({ row }) => hasTimes(row) || !isTime(measure));
  const values = known.map(({ row }) => row[measure]);
  return values.filter((value) => value !== null);
}

function endedTasks(runs: Setting['runs'], tasks: readonly TaskRow[]): TaskRow[] {
  const ended = new Set(runs.filter(({ run }) => isEnded(run)).map(({ id }) => id));
  return tasks.filter(({ id }) => ended.has(id));
}

/** Whether a measure is wall-clock time, or made of it. */
export function isTime(measure: SweepMeasure): boolean {
  return measure === 'train_time_to_target_s' || measure === 'time_ratio';
}
