import { timeKeys } from '../config/sweep/time-key.js';
import { prepareRuns } from '../experiment/prepare-runs.js';
import { holdFolder } from '../files/lock.js';
import { timeInChild } from './child.js';
import { KeptRounds } from './kept-rounds.js';
import { usualRounds } from './rounds.js';
import type { StepTimeRow } from '../results/step-time-row.js';
import { stepTimeRow } from './summarize-rounds.js';
import { readStepTimes, writeStepTimes } from '../results/step-times-csv.js';
import type { TimedRound } from './time-setting.js';
import { timedSettings, type TimedSetting } from './timed-settings.js';

/** An observer of a measurement. Every method may be left out. */
export interface StepTimeObserver {
  /** Called before anything is timed. */
  timingPlanned?(timing: PlannedTiming): void;
  /** Called after each measurement. Rounds count from 1. */
  settingTimed?(setting: TimedSetting, round: number, result: TimedRound): void;
}

export interface PlannedTiming {
  readonly settings: readonly TimedSetting[];
  /** Number of measurements per setting. */
  readonly rounds: number;
  /** Measurements that were made earlier. */
  readonly kept: number;
}

export interface TimeFolderOptions {
  /** Number of measurements per setting; 3 by default. */
  readonly rounds?: number | undefined;
  readonly observer?: StepTimeObserver | undefined;
  /** Stops the measurement at once. Completed measurements are kept. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Times the steps of every setting in an experiment's folder on this machine, and writes step_times.csv. Settings alternate,
 * in reverse order every other round, so that disturbances of the machine affect all of them. The caller ensures that nothing
 * else runs. After an abort, a crash or a failure, the next measurement resumes.
 * @throws {SoapBenchError} `timing_failed` and others if a setting cannot be timed, `timing_stopped` after an abort,
 * `run_in_use` when another process holds the folder.
 */
export function timeFolder(folder: string, options: TimeFolderOptions = {}): Promise<StepTimeRow[]> {
  return holdFolder(folder, () => timeHeld(folder, options));
}

async function timeHeld(
  folder: string,
  { rounds = usualRounds, observer = {}, signal = new AbortController().signal }: TimeFolderOptions,
): Promise<StepTimeRow[]> {
  const settings = timedSettings(folder);
  const runs = settings.map(({ key, setting, config }) => ({ id: key, label: setting, config }));
  const dataOf = await prepareRuns(runs, folder, {});
  const measured = new KeptRounds(folder);
  const inTurn = Array.from({ length: rounds }, (_, index) => index + 1).flatMap((round) =>
    (round % 2 === 1 ? settings : settings.toReversed()).map((setting) => ({ setting, round })),
  );
  const missing = inTurn.filter(({ setting, round }) => measured.get(setting.key, round) === undefined);
  observer.timingPlanned?.({ settings, rounds, kept: inTurn.length - missing.length });
  for (const { setting, round } of missing) {
    const { folder: dataset } = dataOf({ id: setting.key, label: setting.setting, config: setting.config });
    const result = await timeInChild({ config: setting.config, dataset }, setting.setting, signal);
    measured.add(setting.key, round, result);
    observer.settingTimed?.(setting, round, result);
  }
  const rows = settings.map((setting) => {
    const results = Array.from({ length: rounds }, (_, index) => measured.get(setting.key, index + 1)!);
    return stepTimeRow(setting, results as [TimedRound, ...TimedRound[]]);
  });
  writeStepTimes(folder, rows);
  measured.remove();
  return rows;
}

/** Returns true if step_times.csv has every setting of a folder. */
export function hasStepTimes(folder: string): boolean {
  const known = new Set(readStepTimes(folder).map(({ key }) => key));
  return timedSettings(folder).every(({ config }) => timeKeys(config).some((key) => known.has(key)));
}
