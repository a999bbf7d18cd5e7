import { expect, it } from 'vitest';
import type { Analysis } from '../../src/analysis/analysis.js';
import { stepParts } from '../../src/analysis/step-parts.js';
import type { SettingRow } from '../../src/analysis/summary.js';

const row = {
  label: 'soap',
  tasks: [{ id: 'soap-1', row: { step_ms_mean: 20, optimizer_share_mean: 0.5 } }],
} as unknown as SettingRow;

/** Steps of 20 ms, in which the optimizer takes this long. */
function analysisOf(optimizerMs: readonly number[], period: number): Analysis {
  const metrics = optimizerMs.map((ms, index) => ({ step: index + 2, step_ms: 20, optimizer_share: ms / 20 }));
  const config = { options: { precondition_frequency: period } };
  const run = { id: 'soap-1', label: 'soap', optimizer: 'soap', config, run: { metrics } };
  return { sweep: { runs: [run] }, study: { runs: [run] } } as unknown as Analysis;
}

it('takes the median over an even number of steps from the middle of both', () => {
  expect(stepParts(analysisOf([2, 4, 6, 40], 10), row)).toEqual({ gradient_ms: 10, optimizer_ms: 5, refresh_ms: 5 });
});

it('has no steps without refresh where one refreshes at each, or most', () => {
  const all = { gradient_ms: 10, optimizer_ms: 10, refresh_ms: 0 };
  expect(stepParts(analysisOf([2, 4, 6, 40], 1), row)).toEqual(all);
  expect(stepParts(analysisOf([], 10), row)).toEqual(all);
});
