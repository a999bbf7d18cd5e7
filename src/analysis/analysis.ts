import type { Study } from '../results/study.js';
import { efficiencyOf, type EfficiencyRow } from './efficiency/efficiency.js';
import { summarize, type Summary } from './summary.js';

/** A study, and what follows from its runs. */
export interface Analysis {
  readonly study: Study;
  readonly summary: Summary;
  /** Efficiency at equal loss; empty where all runs have one length. */
  readonly efficiency: readonly EfficiencyRow[];
}

/**
 * Computes what follows from the runs of a study.
 * @param options.target Another validation loss to reach than the configuration's.
 */
export function analyse(study: Study, options: { target?: number | undefined } = {}): Analysis {
  return { study, summary: summarize(study, options), efficiency: efficiencyOf(study) };
}
