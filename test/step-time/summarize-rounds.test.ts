import { onlyRun } from '../../src/config/run-config.js';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadExperiment } from '../../src/config/load.js';
import { stepTimeRow } from '../../src/step-time/summarize-rounds.js';
import { readStepTimes, writeStepTimes } from '../../src/results/step-times-csv.js';
import { baselineRow } from '../../src/analysis/over-baseline.js';
import { stepTimesTable } from '../../src/report/tables/step-times-table.js';
import { textTable } from '../../src/table/text.js';
import { roundOf } from './rounds.js';

const settingOf = (label: 'adamw' | 'soap') => {
  const other = label === 'adamw' ? 'soap' : 'adamw';
  const config = loadExperiment({ files: ['test/config/overridden.yaml'], overrides: [`~optimizers.${other}`] });
  return { key: `${label}-1`, setting: label, label, config: onlyRun(config) };
};
const adamw = stepTimeRow(settingOf('adamw'), [roundOf('10 10 10 10'), roundOf('10 10'), roundOf('10')]);
const soap = stepTimeRow(settingOf('soap'), [
  roundOf('12 12 12 20R', { busy: 0.3 }),
  roundOf('13 13 13 25R', { peak_rss_bytes: 7000 }),
  roundOf('11 11 11 15R'),
]);

describe('a row of step_times.csv', () => {
  it('is the median over rounds of the mean over whole periods, with the fastest and the slowest', () => {
    expect(soap).toMatchObject({ rounds: 3, steps: 4, step_ms_mean: 14, step_ms_low: 12, step_ms_high: 16 });
    expect(soap.round_ms).toEqual([14, 16, 12]);
    expect(soap.round_median_ms).toEqual([12, 13, 11]);
    expect(soap.tokens_per_s).toBeCloseTo(soap.batch_tokens / 0.014);
  });

  it('tells a refresh from the steps without', () => {
    expect(soap).toMatchObject({ step_ms_median: 12, refresh_ms: 8, gradient_ms: 8, optimizer_ms: 6 });
    expect(adamw).toMatchObject({ step_ms_median: 10, refresh_ms: NaN, precondition_frequency: NaN });
    const always = stepTimeRow(settingOf('soap'), [roundOf('20R 22R')]);
    expect(always).toMatchObject({ step_ms_mean: 21, step_ms_median: NaN, refresh_ms: NaN });
  });

  it('has the worst of the rounds where that counts', () => {
    expect(soap).toMatchObject({ busy: 0.3, peak_rss_bytes: 7000 });
  });

  it('is read as it was written, and damage is named by its line', () => {
    const folder = mkdtempSync(join(tmpdir(), 'soap-bench-times-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    expect(readStepTimes(folder)).toEqual([]);
    writeStepTimes(folder, [adamw, soap]);
    expect(readStepTimes(folder)).toEqual([adamw, soap]);
    // A file without a digest, as earlier versions left it.
    rmSync(join(folder, 'SHA256SUMS'));
    const file = join(folder, 'step_times.csv');
    writeFileSync(file, readFileSync(file, 'utf8').replace(',14,', ',fast,'));
    expect(() => readStepTimes(folder)).toThrow(/step_times\.csv:3: step_ms_mean: found "fast"/);
  });
});

describe('the table', () => {
  it('holds settings against the baseline with the same batch', () => {
    const lines = textTable(stepTimesTable([adamw, soap], 'adamw'), { width: 100 });
    expect(lines[4]).toMatch(/^soap +14 ms +1\.39× \[0\.97, 1\.99\] +12 ms +16 ms +12 ms +8\.0 ms +6\.0 ms/);
    expect(lines[3]).toMatch(/^adamw +10 ms +1\.00× +10 ms +10 ms +10 ms +– +2\.0 ms/);
    const narrow = textTable(stepTimesTable([adamw, soap], 'adamw'), { width: 40 });
    expect(narrow[4]).toMatch(/^soap +14 ms +1\.39× \[0\.97, 1\.99\]$/);
    expect(baselineRow([adamw, soap], { ...soap, batch_tokens: 1 }, 'adamw')).toBeUndefined();
  });
});
