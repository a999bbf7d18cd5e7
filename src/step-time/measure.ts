import { prepareRuns } from '../experiment/prepare-runs.js';
import { timeInChild } from './child.js';
import { stepTimeRow, type StepTimeRow } from './step-time-row.js';
import { readStepTimes, writeStepTimes } from './step-times-csv.js';
import type { TimedRound } from './time-setting.js';
import { timedSettings, type TimedSetting } from './timed-settings.js';

/** Who follows a measurement. */
export interface StepTimeObserver {
  /** Called before anything is timed. */
  planned(settings: readonly TimedSetting[]): void;
  /** Rounds count from 1. */
  timed(setting: TimedSetting, round: number, result: TimedRound): void;
}

export interface StepTimeOptions {
  /** How often every setting is measured. */
  readonly rounds: number;
  readonly observer: StepTimeObserver;
  /** Ends the measurement at once; nothing is written. */
  readonly signal: AbortSignal;
}

/**
 * Times a step of every setting that is compared in an experiment's or a sweep's folder, here and now, and writes
 * step_times.csv into it. Settings alternate, in every other round backwards, so that what happens to the machine
 * meanwhile happens to all of them. The caller sees to it that nothing else runs.
 * @throws {SoapBenchError} `timing_failed` and others when a setting cannot be timed, `timing_stopped` after an abort.
 */
export async function measureStepTimes(
  folder: string,
  { rounds, observer, signal }: StepTimeOptions,
): Promise<StepTimeRow[]> {
  const settings = timedSettings(folder);
  const runs = settings.map(({ key, setting, config }) => ({ id: key, label: setting, config }));
  const dataOf = await prepareRuns(runs, folder, () => undefined);
  observer.planned(settings);
  const measured = new Map(settings.map(({ key }): [string, TimedRound[]] => [key, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const setting of round % 2 === 1 ? settings : settings.toReversed()) {
      const { folder: dataset } = dataOf({ id: setting.key, label: setting.setting, config: setting.config });
      const result = await timeInChild({ config: setting.config, dataset }, setting.setting, signal);
      measured.get(setting.key)!.push(result);
      observer.timed(setting, round, result);
    }
  }
  const rows = settings.map((setting) =>
    stepTimeRow(setting, measured.get(setting.key) as [TimedRound, ...TimedRound[]]),
  );
  writeStepTimes(folder, rows);
  return rows;
}

/** Whether step_times.csv has every setting that is compared in a folder. */
export function hasStepTimes(folder: string): boolean {
  const known = new Set(readStepTimes(folder).map(({ key }) => key));
  return timedSettings(folder).every(({ key }) => known.has(key));
}
