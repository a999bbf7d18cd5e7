import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analysis/analysis.js';
import { settingsCsv } from '../../src/report/csv/settings-csv.js';
import { tasksCsv } from '../../src/report/csv/runs-csv.js';
import { studyJson } from '../../src/report/csv/study-json.js';
import { summarize } from '../../src/analysis/summary.js';
import { sweepHeadline, sweepText } from '../../src/report/text/sweep-text.js';
import { upperP } from '../../src/statistics/student-t.js';
import { readStudy } from '../../src/results/study.js';
import { isSweep, tasksFile } from '../../src/results/tasks.js';
import { failureOf } from '../report/helpers.js';
import { lineTo, sweepDirectory, taskIds, type TaskSketch } from '../report/sweep-helpers.js';

const summaryOf = (tasks: TaskSketch[], target?: number) => summarize(readStudy(sweepDirectory(tasks, target)));

/** Two seeds; soap is at adamw's final loss after 15 and 16 of 20 steps. */
const paired: TaskSketch[] = [
  { label: 'adamw', seed: 0, losses: lineTo(3) },
  { label: 'adamw', seed: 1, losses: lineTo(4) },
  { label: 'soap', seed: 0, losses: lineTo(2) },
  { label: 'soap', seed: 1, losses: lineTo(3.5) },
];

describe('the summary of a sweep', () => {
  it('holds every training against the baseline of its own seed', () => {
    const { rows } = summaryOf(paired);
    expect(rows.map(({ title, isBaseline }) => [title, isBaseline])).toEqual([
      ['adamw', true],
      ['soap', false],
    ]);
    const { final_loss, steps_to_target, steps_ratio } = rows[1]!.statistics;
    // Down by 3 of 4 in seed 0, by 2 of 2.5 in seed 1.
    expect(rows[1]!.tasks.map(({ row }) => row.steps_to_target)).toEqual([15, 16]);
    expect(rows[1]!.tasks.map(({ row }) => row.target)).toEqual([3, 4]);
    expect(final_loss).toMatchObject({ n: 2, mean: 2.75 });
    // Student's t with one degree of freedom.
    expect(final_loss!.low).toBeCloseTo(2.75 - 12.7062 * 0.75, 3);
    expect(final_loss!.sd).toBeCloseTo(1.5 / Math.SQRT2, 12);
    expect(steps_to_target).toMatchObject({ n: 2, mean: 15.5 });
    expect(steps_ratio!.mean).toBeCloseTo(Math.sqrt((15 / 20) * (16 / 20)), 12);
    expect(rows[0]!.statistics.steps_ratio).toMatchObject({ n: 2, mean: 1, sd: 0, low: 1, high: 1 });
  });

  it('takes the best setting of the baseline as the baseline, by the mean of its seeds', () => {
    const lr = (value: number) => ({ 'optimizers.adamw.lr': value });
    const { rows } = summaryOf([
      // The best single run belongs to the worse setting.
      { label: 'adamw', choices: lr(1), seed: 0, losses: lineTo(2) },
      { label: 'adamw', choices: lr(1), seed: 1, losses: lineTo(5) },
      { label: 'adamw', choices: lr(2), seed: 0, losses: lineTo(3) },
      { label: 'adamw', choices: lr(2), seed: 1, losses: lineTo(3) },
      { label: 'adamw', choices: lr(3), seed: 0, losses: lineTo(1), status: { state: 'diverged' } },
      { label: 'soap', seed: 0, losses: lineTo(2) },
      { label: 'soap', seed: 1, losses: lineTo(2) },
    ]);
    expect(rows.filter(({ isBaseline }) => isBaseline).map(({ title }) => title)).toEqual(['adamw lr=2']);
    expect(rows.at(-1)!.statistics.steps_to_target).toMatchObject({ n: 2, mean: 15 });
    expect(rows[2]!.statistics.final_loss).toMatchObject({ n: 1, mean: Infinity });
  });

  it('compares within the same values of what all optimizers share', () => {
    const steps = (value: number) => ({ choices: { 'train.steps': value }, steps: value });
    const { rows } = summaryOf([
      { label: 'adamw', ...steps(20), losses: lineTo(3) },
      { label: 'adamw', ...steps(40), losses: [...lineTo(3), [40, 1]] },
      { label: 'soap', ...steps(20), losses: lineTo(2) },
      { label: 'soap', ...steps(40), losses: [...lineTo(2), [40, 0.5]] },
    ]);
    expect(rows.map(({ title, isBaseline }) => [title, isBaseline])).toEqual([
      ['adamw train.steps=20', true],
      ['adamw train.steps=40', true],
      ['soap train.steps=20', false],
      ['soap train.steps=40', false],
    ]);
    expect(rows[2]!.statistics.steps_ratio!.mean).toBeCloseTo(15 / 20, 12);
    expect(rows[3]!.statistics.steps_ratio!.mean).toBeCloseTo((20 + 20 / 1.5) / 40, 12);
  });

  it('counts a miss as infinite, and trainings that have not ended not at all', () => {
    const { rows } = summaryOf([
      ...paired.slice(0, 2),
      { label: 'soap', seed: 0, losses: lineTo(2) },
      { label: 'soap', seed: 1, losses: lineTo(5) },
      { label: 'lion', seed: 0, losses: lineTo(2), status: { state: 'interrupted', step: 12 } },
      { label: 'lion', seed: 1, notStarted: true },
    ]);
    expect(rows[1]!.statistics.steps_ratio).toMatchObject({ n: 2, mean: Infinity });
    expect(rows[2]!.statistics).toMatchObject({ final_loss: undefined, steps_ratio: undefined });
  });

  it('has no times of trainings that shared the machine', () => {
    const stepMs = Array.from({ length: 20 }, () => 100);
    const task = (label: string, seed: number, shared_machine: boolean) => {
      return { label, seed, losses: lineTo(label === 'soap' ? 3 : 4), stepMs, status: { shared_machine } };
    };
    const tasks = [task('adamw', 0, false), task('adamw', 1, false), task('soap', 0, false), task('soap', 1, true)];
    const sweep = readStudy(sweepDirectory(tasks));
    const { statistics } = summarize(sweep).rows[1]!;
    expect([statistics.steps_ratio!.n, statistics.time_ratio!.n, statistics.train_time_to_target_s!.n]).toEqual([
      2, 1, 1,
    ]);
    const all = readStudy(sweepDirectory(tasks.map((one) => ({ ...one, status: { shared_machine: true } }))));
    const text = sweepText(analyse(all), { width: 120, color: false });
    expect(text).toMatch(/^soap .* – +–$/m);
    expect(text).toContain('trained beside it');
    expect(text).not.toContain('training time (');
  });

  it('has no ratios for a seed that the baseline was not trained with', () => {
    const { rows } = summaryOf([paired[0]!, ...paired.slice(2)]);
    expect(rows.map(({ title }) => title)).toEqual(['adamw', 'soap']);
    expect(rows[1]!.statistics.final_loss).toMatchObject({ n: 2 });
    expect(rows[1]!.statistics.steps_ratio).toMatchObject({ n: 1, mean: 0.75, sd: NaN });
  });
});

describe('a sweep on paper', () => {
  it('has a table with means, deviations and intervals, and a sentence', () => {
    const sweep = readStudy(sweepDirectory(paired));
    const summary = summarize(sweep);
    const text = sweepText(analyse(sweep), { width: 100, color: false });
    expect(text).toMatch(/^demo: 2 settings\.\nComputed with cpu[^]*\nTarget: adamw’s final loss\./);
    expect(text).toMatch(/soap +0\.003 +2 +2\.750 ± 1\.061\* +16 ± 1\* +0\.77× \[0\.51, 1\.17\]/);
    expect(text).toMatch(/adamw \(baseline\) +0\.003 +2 +3\.500 ± 0\.707 +20 ± 0 +1\.00× \[1\.00, 1\.00\]/);
    expect(text).toContain('[ ] the 95% interval of the mean');
    expect(sweepHeadline(summary)).toMatch(
      /^soap reached adamw's final loss in 0\.77× \[0\.51, 1\.17\] the iterations and .* the training time \(mean of 2 seeds\)\.$/,
    );
    for (const width of [60, 80, 100, 160]) {
      const lines = sweepText(analyse(sweep), { width, color: false }).split('\n');
      const table = lines.filter((line) => /^(adamw|soap) /.test(line));
      expect(table.every((line) => line.length <= width)).toBe(true);
    }
  });

  it('says what is missing', () => {
    expect(sweepHeadline(summaryOf([paired[0]!, { label: 'soap', losses: lineTo(5) }]))).toBe(
      "No other setting reached adamw's final loss with every seed.",
    );
    expect(sweepHeadline(summaryOf([paired[0]!, { label: 'soap', notStarted: true }]))).toBe(
      "1 task is not finished. So far: There is nothing to compare with the baseline's way to adamw's final loss.",
    );
  });

  it('has a row a setting and a row a task in its CSV files', () => {
    const directory = sweepDirectory([...paired, { label: 'lion', seed: 0, losses: lineTo(5) }]);
    const summary = summarize(readStudy(directory));
    const settings: Record<string, string>[] = parse(settingsCsv(summary), { columns: true });
    expect(settings.map(({ setting, seeds }) => [setting, seeds])).toEqual([
      ['adamw', '0 1'],
      ['soap', '0 1'],
      ['lion', '0'],
    ]);
    expect(settings[1]).toMatchObject({ final_loss_n: '2', final_loss_mean: '2.75', steps_ratio_n: '2' });
    expect(settings[2]).toMatchObject({ final_loss_sd: 'nan', steps_ratio_n: '1', steps_ratio_mean: 'inf' });
    const ids = taskIds(directory);
    const tasks: Record<string, string>[] = parse(tasksCsv(summary), { columns: true });
    expect(tasks.map(({ task, seed, steps_to_target }) => [task, seed, steps_to_target])).toEqual([
      [ids[0], '0', '20'],
      [ids[1], '1', '20'],
      [ids[2], '0', '15'],
      [ids[3], '1', '16'],
      [ids[4], '0', 'inf'],
    ]);
    const json = JSON.stringify(studyJson(analyse(readStudy(directory))));
    expect(json).toContain('"mean":"inf"');
    expect(JSON.parse(json)).toMatchObject({ name: 'demo', rows: [{ baseline: true }, { label: 'soap' }, {}] });
  });

  it('has a column for every swept key in its CSV files, also for what was not swept over it', () => {
    const soap = (frequency: number) => ({
      label: 'soap',
      seed: 0,
      losses: lineTo(3),
      choices: { 'optimizers.soap.precondition_frequency': frequency, 'optimizers.soap.lr': 0.01, 'train.steps': 20 },
    });
    const adamw = { label: 'adamw', seed: 0, losses: lineTo(4), choices: { 'train.steps': 20 } };
    const summary = summaryOf([adamw, soap(1), soap(10)]);
    for (const csv of [settingsCsv(summary), tasksCsv(summary)]) {
      const rows: Record<string, string>[] = parse(csv, { columns: true });
      expect(rows.map((row) => [row.precondition_frequency, row.lr, row['train.steps']])).toEqual([
        ['', '0.003', '20'],
        ['1', '0.01', '20'],
        ['10', '0.01', '20'],
      ]);
      expect(Object.keys(rows[0]!).slice(-2)).toEqual(['train.steps', 'precondition_frequency']);
    }
  });

  it('tests whether settings end below the baseline of their seeds, or below a target that is a number', () => {
    const columns = (summary: ReturnType<typeof summaryOf>) => {
      const rows: Record<string, string>[] = parse(settingsCsv(summary), { columns: true });
      return rows.map(({ t, p, p_holm }) => [t, p, p_holm].map(Number));
    };
    // adamw ends at 3 and 4, soap at 2 and 3.5: 1 and 0.5 below, mean 0.75, error of the mean 0.25.
    const [ofBaseline, ofSoap] = columns(summaryOf(paired));
    expect(ofBaseline).toEqual([NaN, NaN, NaN]);
    expect(ofSoap!.slice(0, 2)).toEqual([expect.closeTo(3, 9), expect.closeTo(upperP(3, 1), 9)]);
    // 3 and 4 against 3.25: -0.25 with an error of 0.5. 2 and 3.5: 0.5 with 0.75. Two tests.
    const [first, second] = columns(summaryOf(paired, 3.25));
    expect(first!.slice(0, 2)).toEqual([expect.closeTo(-0.5, 9), expect.closeTo(upperP(-0.5, 1), 9)]);
    expect(second).toEqual([
      expect.closeTo(2 / 3, 9),
      expect.closeTo(upperP(2 / 3, 1), 9),
      expect.closeTo(2 * upperP(2 / 3, 1), 9),
    ]);
    expect(studyJson(analyse(readStudy(sweepDirectory(paired, 3.25))))).toMatchObject({
      rows: [{ test: { degrees: 1 } }, {}],
    });
  });

  it('is told apart from an experiment, and refused when damaged', () => {
    const directory = sweepDirectory(paired);
    expect(isSweep(directory)).toBe(true);
    expect(isSweep(join(directory, 'runs'))).toBe(false);
    writeFileSync(join(directory, tasksFile), '{"name": "demo"}');
    expect(failureOf(() => readStudy(directory)).code).toBe('results_damaged');
  });
});
