import { describe, expect, it } from 'vitest';
import { selectionLine } from '../../src/analysis/selection.js';
import type { Summary } from '../../src/analysis/summary.js';

/** Two chosen settings with the final losses of seeds 0, 1 and 2. */
function summaryOf(seed: number): Summary {
  const losses = { 'soap lr=0.1': [2.9, 3, 3.1], 'adamw lr=0.2': [3.85, 4, 4] };
  const rows = Object.entries(losses).map(([title, own]) => ({
    title,
    tasks: own.map((final_loss, index) => ({ row: { seed: index, final_loss } })),
  }));
  const tuning = rows.map(({ title }) => ({ tried: [{ seed }], chosen: [{ settings: [title] }] }));
  return { rows, tuning } as unknown as Summary;
}

describe('what the choice of options may flatter', () => {
  it('is said where the seed that chose is reported: by how much it ends below the others', () => {
    // 2.9 − 3.05 and 3.85 − 4.
    expect(selectionLine(summaryOf(0))).toContain(
      'chosen with seed 0, which is reported too: its final losses differ from those of the other seeds by −0.150',
    );
  });

  it('is nothing where it is another seed', () => {
    expect(selectionLine(summaryOf(1000))).toBe('');
  });
});
