import { prepareRuns } from '../experiment/prepare-runs.js';
import { timeInChild } from './child.js';
import { KeptRounds } from './kept-rounds.js';
import type { StepTimeRow } from '../results/step-time-row.js';
import { stepTimeRow } from './summarize-rounds.js';
import { readStepTimes, writeStepTimes } from '../results/step-times-csv.js';
import type { TimedRound } from './time-setting.js';
import { timedSettings, type TimedSetting } from './timed-settings.js';

/** Who follows a measurement. */
export interface StepTimeObserver {
  /** Called before anything is timed; `kept` measurements have been made by an earlier call. */
  planned(settings: readonly TimedSetting[], kept: number): void;
  /** Rounds count from 1. */
  timed(setting: TimedSetting, round: number, result: TimedRound): void;
}

export interface StepTimeOptions {
  /** How often every setting is measured. */
  readonly rounds: number;
  readonly observer: StepTimeObserver;
  /** Ends the measurement at once; what has been measured is kept for the next call. */
  readonly signal: AbortSignal;
}

/**
 * Times a step of every setting that is compared in an experiment's or a sweep's folder, here and now, and writes
 * step_times.csv into it. Settings alternate, in every other round backwards, so that what happens to the machine
 * meanwhile happens to all of them. The caller sees to it that nothing else runs. After an abort, a crash or a failure the
 * next call goes on where this one was.
 * @throws {SoapBenchError} `timing_failed` and others when a setting cannot be timed, `timing_stopped` after an abort.
 */
export async function measureStepTimes(
  folder: string,
  { rounds, observer, signal }: StepTimeOptions,
): Promise<StepTimeRow[]> {
  const settings = timedSettings(folder);
  const runs = settings.map(({ key, setting, config }) => ({ id: key, label: setting, config }));
  const dataOf = await prepareRuns(runs, folder, () => undefined);
  const measured = new KeptRounds(folder);
  const inTurn = Array.from({ length: rounds }, (_, index) => index + 1).flatMap((round) =>
    (round % 2 === 1 ? settings : settings.toReversed()).map((setting) => ({ setting, round })),
  );
  const missing = inTurn.filter(({ setting, round }) => measured.get(setting.key, round) === undefined);
  observer.planned(settings, inTurn.length - missing.length);
  for (const { setting, round } of missing) {
    const { folder: dataset } = dataOf({ id: setting.key, label: setting.setting, config: setting.config });
    const result = await timeInChild({ config: setting.config, dataset }, setting.setting, signal);
    measured.add(setting.key, round, result);
    observer.timed(setting, round, result);
  }
  const rows = settings.map((setting) => {
    const results = Array.from({ length: rounds }, (_, index) => measured.get(setting.key, index + 1)!);
    return stepTimeRow(setting, results as [TimedRound, ...TimedRound[]]);
  });
  writeStepTimes(folder, rows);
  measured.remove();
  return rows;
}

/** Whether step_times.csv has every setting that is compared in a folder. */
export function hasStepTimes(folder: string): boolean {
  const known = new Set(readStepTimes(folder).map(({ key }) => key));
  return timedSettings(folder).every(({ key }) => known.has(key));
}
