import type { Choice } from '../config/sweep/expand.js';
import type { RunConfig } from '../config/run-config.js';
import { settingText } from '../config/setting-text.js';
import { concernsTime, timeKey } from '../config/sweep/time-key.js';
import { readTasks } from '../results/tasks.js';

/** A setting to time. It represents all settings that do not differ in anything that affects the step time. */
export interface TimedSetting {
  readonly key: string;
  /** The setting's title, such as `soap precondition_frequency=5`. */
  readonly setting: string;
  /** The label of the optimizer. */
  readonly label: string;
  /** The configuration with this optimizer only. */
  readonly config: RunConfig;
}

/**
 * Lists the settings to time so that the step time of every setting in a folder is known, the baseline first. For an
 * optimizer that is not tuned yet, it is the setting that its tuning starts from.
 * @throws {SoapBenchError} As `readTasks`.
 */
export function timedSettings(folder: string): TimedSetting[] {
  const { baseline, tasks, tunings } = readTasks(folder);
  const known = tasks.map(({ optimizer, choices, config }) => ({ label: optimizer, choices, config }));
  const open = tunings
    .filter(({ label }) => !known.some((task) => task.label === label))
    .map(({ label, choices, templates }) => ({ label, choices, config: templates[0]!.config }));
  const all = [...known, ...open];
  const isBaseline = ({ label }: { label: string }) => label === baseline;
  return distinct([...all.filter(isBaseline), ...all.filter((one) => !isBaseline(one))]);
}

/** The label of the baseline. */
export function baselineOf(folder: string): string {
  return readTasks(folder).baseline;
}

function distinct(all: readonly { label: string; choices: readonly Choice[]; config: RunConfig }[]): TimedSetting[] {
  const found = new Map<string, TimedSetting>();
  for (const { label, choices, config } of all) {
    const key = timeKey(config);
    const setting = settingText(
      label,
      choices.filter((choice) => concernsTime(choice, config.optimizer)),
    );
    if (!found.has(key)) found.set(key, { key, setting, label, config });
  }
  return [...found.values()];
}
