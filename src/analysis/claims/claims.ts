import type { Claim, ClaimNumber } from '../../reproduce/claim.js';
import type { Analysis } from '../analysis.js';
import { notMeasured, type Located } from './measured.js';
import { measuredIncrease, measuredLosses } from './measured-losses.js';
import { measuredRatios } from './measured-ratios.js';
import { measuredMemory, measuredStepTimes } from './measured-steps.js';
import { judge, type Judgement } from './verdict.js';

/** An experiment of a figure by its name: `360m`. */
export interface NamedAnalysis {
  readonly name: string;
  readonly data: Analysis;
}

/** A claim of the paper beside a number measured here. */
export interface ClaimRow extends Judgement {
  readonly claim: Claim;
  readonly experiment: string;
  readonly measured: Located;
}

/** Every claim in every experiment; one that speaks of several settings has a row for each. */
export function claimRows(claims: readonly Claim[], experiments: readonly NamedAnalysis[]): ClaimRow[] {
  return claims.flatMap((claim) =>
    experiments.flatMap(({ name, data }) => {
      const all = measure(claim.about, data);
      return all.map((measured): ClaimRow => {
        return { claim, experiment: name, measured, ...judge(claim.about ?? {}, measured, all.length) };
      });
    }),
  );
}

function measure(about: ClaimNumber | undefined, data: Analysis): Located[] {
  switch (about?.measure) {
    case undefined:
      return [notMeasured('no single number here stands for it')];
    case 'iterations':
    case 'time':
      return measuredRatios(about, data);
    case 'final_loss':
      return measuredLosses(about, data);
    case 'loss_increase':
      return [measuredIncrease(about, data)];
    case 'step_time':
      return [measuredStepTimes(about, data.study.stepTimes)];
    case 'memory':
      return [measuredMemory(about, data.study.stepTimes)];
  }
}
