import { describe, it, expect } from 'vitest';
import { analyse } from '../../../src/analysis/analysis.js';
import { terminalText } from '../../../src/terminal.js';
import { comparisonText } from '../../../src/report/text/comparison.js';
import { lossPlot } from '../../../src/report/text/loss-plot.js';
import { readStudy } from '../../../src/results/study.js';
import { experimentDirectory, quickstartSketch, type ExperimentSketch } from '../helpers.js';

const size = { width: 80, height: 12, color: false };
const plotOf = (sketch: ExperimentSketch, target: number | null, more: Partial<typeof size> = {}): string =>
  lossPlot(
    readStudy(experimentDirectory(sketch)).runs.map(({ run }) => run),
    { ...size, target, ...more },
  );

describe('lossPlot', () => {
  it('draws a curve a run, the target, and axes with numbers', () => {
    const plot = plotOf(quickstartSketch(), 4.938);
    expect(Math.max(...plot.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(`\n${plot}\n`).toMatchInlineSnapshot(`
      "
      validation loss, nats a token (above 6.241 not shown)
          │      xx++oo
          │        xx+++oo
       6.0┤          xx +++ooo
          │            xx  ++++ooo
          │              xxx  ++++oooo
       5.5┤                 xxx   ++++oooooo
          │                    xxxx   +++++++oooooo
          │                        xxxx     ++++++++oooooooooo
       5.0┤                            xxxxxxx      +++++++++++oooooooooooooo
          │╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌xxxxxxxxx╌╌╌╌╌╌╌╌+++++++++++++++++++++++
          │                                            xxxxxxxxxxxxxxxxxxxxx
          │                                                                 xxxxxxxxxx
          └┬──────────────────┬─────────────────┬──────────────────┬─────────────────┬
           0                 50                100                150              200
                                                                                  step
      o adamw   + shampoo   x soap   ╌╌ target 4.938
      "
    `);
  });

  it('draws losses where they belong', () => {
    // A straight line over 11 columns and 11 rows, from 2 at the top to 1 at the bottom.
    const line: ExperimentSketch = {
      steps: 10,
      runs: {
        adamw: {
          losses: [
            [0, 2],
            [10, 1],
          ],
        },
      },
    };
    const rows = plotOf(line, null, { width: 16, height: 11 }).split('\n').slice(1, 12);
    const columns = rows.map((row) => row.slice(5).indexOf('o'));
    // The steep beginning is cut: step 0 has no row.
    expect(columns.filter((column) => column >= 0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('leaves infinities, NaN and what has not started out of the drawing, not out of the legend', () => {
    const sketch = quickstartSketch();
    const status = { state: 'diverged', step: 57 } as const;
    sketch.runs.soap = {
      losses: [
        [0, 6.93],
        [20, 6],
        [40, 1e9],
        [50, Infinity],
        [60, NaN],
      ],
      status,
    };
    sketch.runs.later = { optimizer: 'soap', notStarted: true };
    const plot = plotOf(sketch, null);
    expect(plot).toMatch(/^validation loss, nats a token \(above 6\.\d+ not shown\)/);
    expect(plot).toContain('o adamw   + shampoo   x soap (diverged)   # later (no evaluation yet)');
    expect(plot).not.toContain('╌');
    expect(plot).not.toMatch(/NaN|Infinity/);
  });

  it('says so when there is nothing to draw', () => {
    const message = 'There is nothing to plot yet: no run has been evaluated after its start.';
    expect(plotOf({ steps: 9, runs: { adamw: { losses: [[0, 7]] } } }, null)).toBe(message);
    expect(plotOf({ steps: 9, runs: { adamw: { notStarted: true } } }, null)).toBe(message);
    expect(
      plotOf(
        {
          steps: 9,
          runs: {
            adamw: {
              losses: [
                [0, NaN],
                [9, NaN],
              ],
            },
          },
        },
        null,
      ),
    ).toBe(message);
  });

  it('copes with flat curves, single points and a target far away', () => {
    const flat: ExperimentSketch = {
      steps: 9,
      runs: {
        adamw: {
          losses: [
            [0, 5],
            [9, 5],
          ],
        },
        soap: { losses: [[9, 5]] },
      },
    };
    expect(plotOf(flat, null)).toMatch(/ooooo\+\n/);
    const far = plotOf(quickstartSketch(), 2);
    expect(far).toMatch(/│?[┤│]╌{40}/);
    expect(far).toContain('target 2.000');
  });

  it('wraps a long legend and says the same with colour', () => {
    const sketch = quickstartSketch();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      sketch.runs[`soap-with-a-long-label-${name}`] = { ...sketch.runs.soap!, optimizer: 'soap' };
    }
    const plain = plotOf(sketch, 4.9);
    expect(Math.max(...plain.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    const colored = terminalText(plotOf(sketch, 4.9, { color: true }));
    expect(colored).not.toBe(plain);
    expect(colored.replaceAll(new RegExp(String.raw`\u001b\[\d+m`, 'g'), '')).toBe(plain);
  });
});

describe('comparisonText', () => {
  const textOf = (sketch: ExperimentSketch, plot = true) => {
    const experiment = readStudy(experimentDirectory(sketch));
    return comparisonText(analyse(experiment), { width: 100, color: false, plot });
  };

  it('has what was trained on what, the table, the headline, the plot and the files', () => {
    const blocks = textOf(quickstartSketch()).split('\n\n');
    expect(blocks).toHaveLength(6);
    expect(blocks[0]).toBe(
      "demo: 200 steps of 100 tokens, 16 tokens a parameter; target: adamw's final loss (4.938).\nComputed with cpu 4.22.0 on a CPU.",
    );
    expect(blocks[2]).toMatch(/^soap reached adamw's final loss/);
    expect(blocks[3]).toMatch(/^One seed has no interval/);
    expect(blocks[5]).toMatch(/20250131-120000\/summary.csv\n.*runs\/\*\/\{metrics,eval\}.csv$/);
    expect(textOf(quickstartSketch(), false)).not.toContain('validation loss, nats a token');
  });

  it('warns when runs were computed on different devices', () => {
    const sketch = quickstartSketch();
    sketch.runs.soap = { ...sketch.runs.soap!, device: 'a GPU' };
    const text = textOf(sketch);
    expect(text).toContain('Training times do not compare, the runs were computed differently:');
    expect(text).toContain('  soap: cpu 4.22.0 on a GPU');
  });
});
