import type { Choice } from '../config/sweep/expand.js';
import type { ExperimentConfig } from '../config/schema.js';
import { settingText } from '../config/setting-text.js';
import { concernsTime, timeKey } from '../config/sweep/time-key.js';
import { planRuns } from '../experiment/plan.js';
import { readExperimentConfig } from '../results/read.js';
import { isSweep, readTasks } from '../results/read-sweep.js';

/** A setting whose steps are timed, for all that differ from it in nothing that could change their time. */
export interface TimedSetting {
  readonly key: string;
  /** `soap precondition_frequency=5`. */
  readonly setting: string;
  /** The label among the experiment's optimizers. */
  readonly label: string;
  /** With this optimizer alone. */
  readonly config: ExperimentConfig;
}

/**
 * What has to be timed to know the step time of everything that is compared in an experiment's or a sweep's folder, the
 * baseline first. Of an optimizer for which nothing is chosen yet, it is what its tuning starts from.
 * @throws {SoapBenchError} As `readTasks` and `readExperimentConfig`.
 */
export function timedSettings(folder: string): TimedSetting[] {
  if (!isSweep(folder))
    return distinct(planRuns(readExperimentConfig(folder)).map(({ label, config }) => ({ label, config })));
  const { baseline, tasks, tunings } = readTasks(folder);
  const known = tasks.map(({ optimizer, choices, config }) => ({ label: optimizer, choices, config }));
  const open = tunings
    .filter(({ label }) => !known.some((task) => task.label === label))
    .map(({ label, choices, templates }) => ({ label, choices, config: templates[0]!.config }));
  const all = [...known, ...open];
  const isBaseline = ({ label }: { label: string }) => label === baseline;
  return distinct([...all.filter(isBaseline), ...all.filter((one) => !isBaseline(one))]);
}

/** The label that the others are held against. */
export function baselineOf(folder: string): string {
  return isSweep(folder) ? readTasks(folder).baseline : readExperimentConfig(folder).baseline;
}

function distinct(
  all: readonly { label: string; choices?: readonly Choice[]; config: ExperimentConfig }[],
): TimedSetting[] {
  const found = new Map<string, TimedSetting>();
  for (const { label, choices = [], config } of all) {
    const key = timeKey(config);
    const setting = settingText(label, choices.filter(concernsTime));
    if (!found.has(key)) found.set(key, { key, setting, label, config });
  }
  return [...found.values()];
}
