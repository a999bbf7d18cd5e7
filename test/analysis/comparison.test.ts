import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, it, expect } from 'vitest';
import { analyse } from '../../src/analysis/analysis.js';
import { writeStudyFiles } from '../../src/report/csv/study-files.js';
import { studyJson } from '../../src/report/csv/study-json.js';
import type { Comparison, SummaryRow } from '../../src/analysis/comparison.js';
import { summarize } from '../../src/analysis/summary.js';
import { readStudy } from '../../src/results/study.js';
import { experimentDirectory, failureOf, type ExperimentSketch } from '../report/helpers.js';

const summaryOf = (sketch: ExperimentSketch, options?: { target: number }): Comparison =>
  summarize(readStudy(experimentDirectory(sketch)), options).comparisons[0]!;

const rowOf = (summary: Comparison, label: string): SummaryRow => summary.rows.find((row) => row.label === label)!;

/** AdamW ends at 5 after 40 steps and 4 s; SOAP passes 5 half way between steps 10 and 20, with steps of 150 ms. */
const duel: ExperimentSketch = {
  steps: 40,
  runs: {
    soap: {
      lr: 0.01,
      losses: [
        [0, 7],
        [10, 6],
        [20, 4],
        [40, 3.5],
      ],
      stepMs: Array.from({ length: 40 }, () => 150),
    },
    adamw: {
      losses: [
        [0, 7],
        [20, 6],
        [40, 5],
      ],
      stepMs: Array.from({ length: 40 }, () => 100),
    },
  },
};

const withRun = (label: string, run: ExperimentSketch['runs'][string]): ExperimentSketch => ({
  ...duel,
  runs: { ...duel.runs, [label]: run },
});

describe('summarize', () => {
  it('compares every run with the final loss of the baseline, in the order of the configuration', () => {
    const summary = summaryOf(duel);
    expect(summary).toMatchObject({ name: 'demo', baseline: 'adamw', target: 5, target_is: 'baseline_final' });
    expect(summary.rows.map(({ label }) => label)).toEqual(['soap', 'adamw']);
    expect(rowOf(summary, 'adamw')).toMatchObject({
      steps_to_target: 40,
      steps_ratio: 1,
      time_ratio: 1,
      reached: true,
    });
    const soap = rowOf(summary, 'soap');
    expect(soap).toMatchObject({
      optimizer: 'soap',
      lr: 0.01,
      seed: 0,
      state: 'finished',
      final_loss: 3.5,
      best_loss: 3.5,
      target: 5,
      reached: true,
      steps_to_target: 15,
      steps_to_target_raw: 20,
      tokens_to_target: 1500,
      steps_ratio: 15 / 40,
      state_bytes: 3_400_000,
      parameters: 1234,
      steps_done: 40,
      eval_time_s: 0.4,
    });
    expect(soap.train_time_to_target_s).toBeCloseTo(2.25, 9);
    expect(soap.time_ratio).toBeCloseTo(2.25 / 4, 9);
    expect(soap.train_time_s).toBeCloseTo(6, 9);
    expect(soap.tokens_per_s).toBeCloseTo(100 / 0.15, 6);
    expect(soap.optimizer_share_mean).toBeCloseTo(0.25, 9);
  });

  it('takes whole periods of the optimizer for its step time', () => {
    // Steps of 100 ms with a refresh of 300 ms every tenth: 120 ms. From step 2 on it would be 120.6.
    const stepMs = Array.from({ length: 35 }, (_, i) => (i % 10 === 4 ? 300 : 100));
    const summary = summaryOf(withRun('shampoo', { stepMs, losses: [[0, 7]] }));
    expect(rowOf(summary, 'shampoo').step_ms_mean).toBeCloseTo(120, 9);
  });

  it('takes a number as the target, from the configuration or instead of it', () => {
    expect(summaryOf({ ...duel, target: 6 })).toMatchObject({ target: 6, target_is: 'number' });
    const asked = summaryOf(duel, { target: 4 });
    expect(asked).toMatchObject({ target: 4, target_is: 'number' });
    expect(rowOf(asked, 'soap')).toMatchObject({ steps_to_target: 20, steps_to_target_raw: 20, reached: true });
    // The baseline gives no measure when it does not get there itself.
    expect(rowOf(asked, 'soap')).toMatchObject({ steps_ratio: null, time_ratio: null });
    expect(rowOf(asked, 'adamw')).toMatchObject({ steps_to_target: Infinity, reached: false, steps_ratio: null });
  });

  it('keeps a missed target as infinity', () => {
    const summary = summaryOf(
      withRun('shampoo', {
        losses: [
          [0, 7],
          [40, 5.01],
        ],
      }),
    );
    const missed = { steps_to_target: Infinity, tokens_to_target: Infinity, train_time_to_target_s: Infinity };
    expect(rowOf(summary, 'shampoo')).toMatchObject({
      ...missed,
      reached: false,
      steps_ratio: Infinity,
      final_loss: 5.01,
    });
  });

  it('says that a diverged run has reached nothing, even if it passed the target before', () => {
    const losses: [number, number][] = [
      [0, 7],
      [10, 4.5],
      [20, NaN],
    ];
    const status = { state: 'diverged', step: 23, message: 'loss is NaN at step 23' } as const;
    expect(rowOf(summaryOf(withRun('shampoo', { losses, status })), 'shampoo')).toMatchObject({
      state: 'diverged',
      message: 'loss is NaN at step 23',
      final_loss: Infinity,
      best_loss: 4.5,
      reached: false,
      steps_to_target: Infinity,
      steps_to_target_raw: Infinity,
      steps_done: 23,
    });
  });

  it('counts an interrupted run with what it has shown', () => {
    const losses: [number, number][] = [
      [0, 7],
      [10, 4.5],
    ];
    const status = { state: 'interrupted', step: 12 } as const;
    const row = rowOf(summaryOf(withRun('shampoo', { losses, status })), 'shampoo');
    expect(row).toMatchObject({ state: 'interrupted', reached: true, steps_to_target: 8, final_loss: 4.5 });
  });

  it('takes over what the status says of the cost', () => {
    const costs = { paper_state_bytes: 5, optimizer_flops: 9, flops_over_adamw: 7, paper_flops_over_adamw: 8 };
    const status = { state: 'finished', step: 40, ...costs } as const;
    const summary = summaryOf(withRun('shampoo', { losses: [[0, 7]], status }));
    expect(rowOf(summary, 'shampoo')).toMatchObject(costs);
    const nothing = { paper_state_bytes: null, optimizer_flops: null, paper_flops_over_adamw: null };
    expect(rowOf(summary, 'soap')).toMatchObject(nothing);
  });

  it('has a row for a run that has not started, without numbers', () => {
    const row = rowOf(summaryOf(withRun('shampoo', { notStarted: true })), 'shampoo');
    const unknown = { final_loss: null, best_loss: null, step_ms_mean: null, state_bytes: null, parameters: null };
    expect(row).toMatchObject({ ...unknown, state: 'not_started', steps_done: 0, train_time_s: 0, reached: false });
  });

  it('tells how far a running run is from its rows', () => {
    const status = { state: 'running', step: 0 } as const;
    const row = rowOf(summaryOf(withRun('shampoo', { stepMs: [10, 10, 10], losses: [[0, 7]], status })), 'shampoo');
    expect(row).toMatchObject({ state: 'running', steps_done: 3, final_loss: 7 });
  });

  it.each([
    [{ status: { state: 'diverged', step: 3 } }, 'the baseline adamw diverged at step 3'],
    [{ status: { state: 'interrupted', step: 3 } }, 'the baseline adamw is interrupted at step 3 of 40'],
    [{ status: { state: 'running', step: 3 } }, 'the baseline adamw is running at step 3 of 40'],
    [{ status: { state: 'failed', step: 3 } }, 'the baseline adamw failed at step 3'],
    [{ notStarted: true }, 'the baseline adamw has not started'],
    [
      {
        losses: [
          [0, 7],
          [20, 6],
        ],
      },
      'the last evaluation of the baseline adamw is missing',
    ],
    [
      {
        losses: [
          [0, 7],
          [40, NaN],
        ],
      },
      'the final loss of the baseline adamw is not a number',
    ],
  ] as [ExperimentSketch['runs'][string], string][])('has no target without a whole baseline: %j', (change, reason) => {
    const sketch = withRun('adamw', { ...duel.runs.adamw, stepMs: [], ...change });
    const summary = summaryOf(sketch);
    expect(summary).toMatchObject({ target: null, target_unknown: reason });
    const unknown = { target: null, reached: null, steps_to_target: null, steps_ratio: null, time_ratio: null };
    for (const row of summary.rows) expect(row).toMatchObject({ ...unknown, train_time_to_target_s: null });
    // A target of one's own does not need the baseline.
    const own = summaryOf(sketch, { target: 4 });
    expect(rowOf(own, 'soap')).toMatchObject({ reached: true, steps_to_target: 20 });
  });
});

describe('summary.csv of an experiment', () => {
  const read = (directory: string) =>
    parse(readFileSync(join(directory, 'summary.csv'), 'utf8'), { columns: true }) as unknown as Record<
      string,
      string
    >[];

  it('writes every number of the summary so that it reads back the same', () => {
    const directory = experimentDirectory(
      withRun('shampoo', { losses: [[0, 7]], status: { state: 'failed', step: 2 } }),
    );
    const analysis = analyse(readStudy(directory));
    writeStudyFiles(analysis);
    const [{ rows }] = analysis.summary.comparisons as [Comparison];
    const written = read(directory);
    expect(written).toHaveLength(3);
    for (const [index, { message, ...row }] of rows.entries()) {
      const { note, ...cells } = written[index]!;
      expect({ message, note }).toEqual({
        message: undefined,
        note: row.label === 'shampoo' ? 'failed at step 2' : '',
      });
      expect(Object.keys(cells).sort()).toEqual(Object.keys(row).sort());
      for (const [key, value] of Object.entries(row)) {
        if (value === null) expect(cells[key], key).toBe('nan');
        else if (value === Infinity) expect(cells[key], key).toBe('inf');
        else if (typeof value === 'number') expect(Number(cells[key]), key).toBe(value);
        else expect(cells[key], key).toBe(String(value));
      }
    }
  });

  it('writes why a target is unknown, and why a run ended', () => {
    const status = { state: 'diverged', step: 3, message: 'loss is NaN, at step 3' } as const;
    const directory = experimentDirectory(withRun('adamw', { losses: [[0, 7]], status }));
    writeStudyFiles(analyse(readStudy(directory)));
    expect(read(directory)).toMatchObject([
      { label: 'soap', reached: 'unknown', note: 'target unknown: the baseline adamw diverged at step 3' },
      {
        label: 'adamw',
        target: 'nan',
        final_loss: 'inf',
        reached: 'unknown',
        steps_to_target: 'nan',
        note: 'diverged at step 3; loss is NaN, at step 3; target unknown: the baseline adamw diverged at step 3',
      },
    ]);
  });

  it('replaces an older one and leaves nothing beside it', () => {
    const directory = experimentDirectory(duel);
    writeStudyFiles(analyse(readStudy(directory)));
    writeStudyFiles(analyse(readStudy(directory)));
    expect(readdirSync(directory).sort()).toEqual(['config.yaml', 'runs', 'summary.csv']);
  });

  it('writes nothing into what is not an experiment', () => {
    const directory = join(experimentDirectory(duel), 'runs');
    expect(
      failureOf(() => {
        writeStudyFiles(analyse(readStudy(directory)));
      }).code,
    ).toBe('not_an_experiment');
    expect(existsSync(join(directory, 'summary.csv'))).toBe(false);
  });
});

describe('studyJson', () => {
  it('keeps infinity as a word and unknown as null', () => {
    const json = studyJson(analyse(readStudy(experimentDirectory(withRun('shampoo', { losses: [[0, 7]] })))));
    const parsed = JSON.parse(JSON.stringify(json)) as { rows: unknown[] };
    expect(parsed).toMatchObject({ target: 5, target_unknown: null, baseline: 'adamw' });
    expect(parsed.rows[2]).toMatchObject({ reached: false, steps_to_target: 'inf', step_ms_mean: null, message: null });
  });
});
