import { describe, it, expect } from 'vitest';
import { readStudy } from '../../../src/results/study.js';
import { createColors, terminalText } from '../../../src/terminal.js';
import { textTable } from '../../../src/table/text.js';
import { comparisonTable } from '../../../src/report/tables/comparison-table.js';
import type { Comparison } from '../../../src/analysis/comparison.js';
import { summarize } from '../../../src/analysis/summary.js';
import { experimentDirectory, quickstartSketch, type ExperimentSketch } from '../helpers.js';

const summaryOf = (sketch: ExperimentSketch): Comparison =>
  summarize(readStudy(experimentDirectory(sketch))).comparisons[0]!;

/** The quickstart with all that can go wrong beside it. */
function troubled(): ExperimentSketch {
  const { steps, runs } = quickstartSketch();
  return {
    steps,
    runs: {
      ...runs,
      weak: {
        optimizer: 'adamw',
        lr: 3.162e-4,
        losses: [
          [0, 6.93],
          [200, 5.5],
        ],
      },
      hot: {
        optimizer: 'soap',
        lr: 0.1,
        losses: [[0, 6.93]],
        status: { state: 'diverged', step: 7, message: 'loss is NaN at step 7' },
      },
      cut: {
        optimizer: 'soap',
        losses: [
          [0, 6.93],
          [60, 5.8],
        ],
        stepMs: [9, 10, 10],
        status: { state: 'interrupted', step: 63 },
      },
      later: { optimizer: 'soap', notStarted: true },
    },
  };
}

const plain = (summary: Comparison, width = 100) =>
  textTable(comparisonTable(summary), { width, elsewhere: 'summary.csv has them.' }).join('\n');

describe('comparisonTable', () => {
  it('accounts for the optimizers beside the formulas of the paper, where runs say and there is room', () => {
    const { steps, runs } = quickstartSketch();
    const account = { paper_state_bytes: 10_300_000, flops_over_adamw: 2.5e9, paper_flops_over_adamw: 1.2e9 };
    const summary = summaryOf({
      steps,
      runs: {
        ...runs,
        soap: { ...runs.soap!, status: { state_bytes: 10_212_992, ...account } },
        muon: { ...runs.soap!, optimizer: 'muon', status: { state_bytes: 4_000_000, flops_over_adamw: 3e6 } },
      },
    });
    const wide = plain(summary, 150).split('\n');
    expect(wide[0]).toMatch(/state by +operations +these by/);
    expect(wide.find((line) => line.startsWith('soap'))).toMatch(/10\.2 MB +10\.3 MB +2\.5 G +1\.2 G/);
    expect(wide.find((line) => line.startsWith('muon'))).toMatch(/4\.0 MB +unknown +3\.0 M +unknown/);
    expect(plain(summary, 100)).toContain(
      'No room here for: state by the paper, operations over AdamW, these by the paper.',
    );
    // Runs of earlier versions do not say.
    expect(plain(summaryOf(quickstartSketch()), 150)).not.toContain('the paper');
  });

  it('shows the runs side by side within a hundred columns', () => {
    const table = plain(summaryOf(quickstartSketch()));
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(`\n${table}\n`).toMatchInlineSnapshot(`
      "
                           final    iterations    training time     time   optimizer
      optimizer     lr  val loss     to target        to target   a step       state   notes
      ─────────  ─────  ─────────  ────────────  ───────────────  ───────  ──────────  ────────
      adamw      0.003     4.938   200 (1.00×)   24.8 s (1.00×)   120 ms*     3.4 MB*  baseline
      shampoo    0.003     4.838   148 (0.74×)   24.5 s (0.99×)   161 ms      7.0 MB
      soap       0.003     4.651*   97 (0.49×)*  15.9 s (0.64×)*  155 ms     10.2 MB
      * best of its column
      "
    `);
  });

  it('never drops a run that missed the target', () => {
    expect(`\n${plain(summaryOf(troubled()), 120)}\n`).toMatchInlineSnapshot(`
      "
                              final    iterations    training time      time   optimizer
      optimizer        lr  val loss     to target        to target    a step       state   notes
      ─────────  ────────  ─────────  ────────────  ───────────────  ────────  ──────────  ─────────────────────────────
      adamw         0.003     4.938   200 (1.00×)   24.8 s (1.00×)    120 ms      3.4 MB   baseline
      shampoo       0.003     4.838   148 (0.74×)   24.5 s (0.99×)    161 ms      7.0 MB
      soap          0.003     4.651*   97 (0.49×)*  15.9 s (0.64×)*   155 ms     10.2 MB
      weak       3.162e-4     5.500   not reached      not reached   unknown      3.4 MB*
      hot             0.1  diverged      diverged         diverged   unknown      3.4 MB   diverged at step 7
      cut           0.003     5.800   not reached      not reached     10 ms*     3.4 MB*  interrupted at step 63 of 200
      later         0.003   unknown       not yet          not yet   unknown     unknown   not started
      hot: loss is NaN at step 7
      * best of its column
      "
    `);
  });

  it('puts the notes below on eighty columns', () => {
    const lines = plain(summaryOf(troubled()), 80).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.slice(-5)).toMatchInlineSnapshot(`
      [
        "hot: diverged at step 7: loss is NaN at step 7",
        "cut: interrupted at step 63 of 200",
        "later: not started",
        "No room here for: optimizer state. summary.csv has them.",
        "* best of its column",
      ]
    `);
  });

  it('names the columns that a narrow terminal has no room for', () => {
    const table = plain(summaryOf(quickstartSketch()), 55);
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(55);
    expect(table).toContain('No room here for: lr, time a step, optimizer state.');
  });

  it('says that numbers are unknown when the target is', () => {
    const sketch = quickstartSketch();
    sketch.runs.adamw = { losses: [[0, 6.93]], status: { state: 'failed', step: 3, message: 'out of memory' } };
    const lines = plain(summaryOf(sketch)).split('\n');
    for (const row of lines.slice(3, 6)) expect(row.match(/unknown/g)!.length).toBeGreaterThanOrEqual(2);
    expect(lines).toContain('adamw: baseline, failed at step 3: out of memory');
  });

  it('has no times of runs that shared the machine, and says why', () => {
    const sketch = quickstartSketch();
    const shared = { ...sketch.runs.soap, status: { ...sketch.runs.soap!.status, shared_machine: true } };
    const summary = summaryOf({ ...sketch, runs: { ...sketch.runs, soap: shared } });
    const soap = summary.rows.find(({ label }) => label === 'soap')!;
    expect([soap.time_ratio, soap.steps_ratio! < 1, soap.train_time_to_target_s! > 0]).toEqual([null, true, true]);
    const lines = plain(summary).split('\n');
    expect(lines.find((line) => line.includes('soap'))).toMatch(/\(0\.\d\d×\)\* +– +– /);
    expect(lines.filter((line) => line.includes('trained beside it'))).toHaveLength(1);
    expect(plain(summaryOf(sketch))).not.toContain('beside');
  });

  it('marks nothing among equals, and nothing when there is one run', () => {
    const { adamw } = quickstartSketch().runs;
    expect(plain(summaryOf({ steps: 200, runs: { adamw: adamw! } }))).not.toContain('*');
    expect(
      plain(summaryOf({ steps: 200, runs: { adamw: adamw!, again: { ...adamw!, optimizer: 'adamw' } } })),
    ).not.toContain('*');
  });

  it('praises no loss of half a training and no cost of a run that blew up', () => {
    const sketch = quickstartSketch();
    const half = { state: 'interrupted', step: 100 } as const;
    sketch.runs.half = {
      optimizer: 'soap',
      losses: [
        [0, 6.93],
        [100, 1],
      ],
      status: half,
    };
    const blown = { state: 'diverged', step: 9, state_bytes: 8 } as const;
    sketch.runs.blown = { optimizer: 'soap', losses: [[0, 6.93]], stepMs: [1, 1, 1], status: blown };
    const table = plain(summaryOf(sketch), 120);
    expect(table).toMatch(/half .* 1\.000 /);
    expect(table).toMatch(/soap .* 4\.651\*/);
    expect(table).toMatch(/blown .* 1\.0 ms +8 B /);
    expect(table).toMatch(/adamw .* 120 ms\* +3\.4 MB /);
  });

  it('says the same with colour', () => {
    const summary = summaryOf(troubled());
    const colored = terminalText(
      textTable(comparisonTable(summary), { width: 120, colors: createColors(true) }).join('\n'),
    );
    expect(colored).toContain('\u001b[32m');
    // Styles end behind a space now and then.
    const uncolored = colored.replaceAll(new RegExp(String.raw`\u001b\[\d+m`, 'g'), '').replaceAll(/ +$/gm, '');
    expect(uncolored).toBe(plain(summary, 120));
  });
});
