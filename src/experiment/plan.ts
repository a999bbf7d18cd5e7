import type { LoadedSweep } from '../config/load.js';
import { planTunings } from './plan-tunings.js';
import type { ExperimentPlan } from './rounds.js';
import { planRuns, planTasks } from './tasks.js';

/** What a configuration says is to be trained. */
export function planExperiment({ config, variants, tuned }: LoadedSweep): ExperimentPlan {
  const { name, baseline } = config;
  if (variants === undefined) return { kind: 'experiment', name, baseline, fixed: planRuns(config), tunings: [] };
  return { kind: 'sweep', name, baseline, fixed: planTasks(variants, baseline), tunings: planTunings(tuned) };
}
