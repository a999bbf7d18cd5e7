import type { Run } from '../results/read-run.js';
import { mean } from '../statistics/mean.js';
import type { EvaluationRow } from '../train/rows.js';

/** A point of a loss curve: steps, tokens or seconds, and the validation loss there. */
export type CurvePoint = readonly [progress: number, loss: number];

/** The progress of an evaluation: its step, its tokens, its time. */
export type Progress = (evaluation: EvaluationRow, run: Run) => number;

/** The evaluations of a run whose loss is finite. */
export function finiteEvaluations({ evaluations }: Run): EvaluationRow[] {
  return evaluations.filter(({ loss }) => Number.isFinite(loss));
}

/** The mean over runs at each evaluation that all of them have; runs without evaluations do not count. */
export function meanCurve(runs: readonly Run[], progress: Progress): CurvePoint[] {
  const known = runs.filter(({ evaluations }) => evaluations.length > 0);
  const [first = [], ...others] = known.map((run) =>
    finiteEvaluations(run).map(({ step, loss, ...rest }) => ({
      step,
      loss,
      at: progress({ step, loss, ...rest }, run),
    })),
  );
  const byStep = others.map((rows) => new Map(rows.map((row) => [row.step, row])));
  return first.flatMap((row): CurvePoint[] => {
    const rows = [row, ...byStep.flatMap((other) => other.get(row.step) ?? [])];
    return rows.length < known.length ? [] : [[mean(rows.map(({ at }) => at)), mean(rows.map(({ loss }) => loss))]];
  });
}
