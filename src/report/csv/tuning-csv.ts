import { csvText } from '../../files/csv.js';
import { jsonValue } from '../../files/json-value.js';
import type { TuningResult } from '../../analysis/tuning.js';
import { edgeText } from '../../analysis/tuning.js';

/**
 * tuning.csv: a header and a row for every setting that was tried. Options of other optimizers are empty, losses that are
 * not known yet `nan`, those of settings that diverged or failed `inf`.
 */
export function tuningCsv(results: readonly TuningResult[]): string {
  const options = [...new Set(results.flatMap(({ tried }) => tried.flatMap(({ values }) => Object.keys(values))))];
  const header = [
    'tuning',
    'label',
    'task',
    'stage',
    'steps',
    'seed',
    ...options,
    'state',
    'final_loss',
    'winner',
    'edge',
  ];
  const rows = results.flatMap(({ title, label, tried }) =>
    tried.map(({ id, stage, budget, seed, values, state, loss, isWinner, edges }) => [
      ...[title, label, id, stage, budget, seed],
      ...options.map((key) => (key in values ? optionText(values[key]) : '')),
      ...[state, loss ?? NaN, isWinner, edgeText(edges)],
    ]),
  );
  return csvText([header, ...rows]);
}

/** The same for JSON, which has no infinities: they become "inf", unknown losses null. */
export function tuningJson(results: readonly TuningResult[]): unknown {
  return results.map(({ title, label, tried, chosen }) => ({
    tuning: title,
    label,
    chosen:
      chosen?.map(({ values, budget, loss, edges, settings }) => ({
        values,
        steps: budget,
        final_loss: jsonValue(loss),
        edges,
        settings,
      })) ?? null,
    tried: tried.map(({ id, stage, budget, seed, values, state, loss, isWinner }) => ({
      task: id,
      stage,
      steps: budget,
      seed,
      values,
      state,
      final_loss: jsonValue(loss),
      winner: isWinner,
    })),
  }));
}

function optionText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
