import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readStepTimes, stepTimesCsv, stepTimesFile } from '../../src/results/step-times-csv.js';
import { experimentDirectory, quickstartSketch } from '../report/helpers.js';
import { writeTimes } from '../step-time/rounds.js';

it('where nothing was timed there are no step times', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-times-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  expect(readStepTimes(folder)).toEqual([]);
});

it('step times that were cut are said, rather than another clock taken', () => {
  const folder = experimentDirectory(quickstartSketch());
  writeTimes(folder, { adamw: '10 12', soap: '12 14' });
  const rows = readStepTimes(folder);
  expect(rows.length).toBeGreaterThan(1);
  // A file without a digest, as earlier versions left it.
  rmSync(join(folder, 'SHA256SUMS'));
  const file = join(folder, stepTimesFile);
  const text = readFileSync(file, 'utf8');
  for (const cut of ['', text.slice(0, 20), `${text.split('\n')[0]!}\n`, text.slice(0, -5), text.trimEnd()]) {
    writeFileSync(file, cut);
    expect(() => readStepTimes(folder), JSON.stringify(cut.slice(-30))).toThrow(/step_times\.csv.*cut/);
  }
  writeFileSync(file, stepTimesCsv(rows));
  expect(readStepTimes(folder)).toEqual(rows);
});
