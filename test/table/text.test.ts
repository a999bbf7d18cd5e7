import { describe, expect, it } from 'vitest';
import { createColors, terminalText } from '../../src/terminal.js';
import { tableOf, type Column } from '../../src/table/table.js';
import { textTable } from '../../src/table/text.js';

interface Row {
  readonly name: string;
  readonly loss: number;
  readonly size: string;
  readonly note: string;
}

const rows: readonly Row[] = [
  { name: 'adamw', loss: 4.9, size: '3.4 MB', note: '' },
  { name: 'soap', loss: 4.6, size: '10.2 MB', note: 'stopped early' },
];

const columns: readonly Column<Row>[] = [
  { title: 'optimizer', cell: ({ name }) => name },
  {
    title: 'final\nval loss',
    align: 'right',
    key: 'final_loss',
    cell: ({ loss }) => ({ text: String(loss), value: loss, tone: loss === 4.6 ? 'best' : undefined }),
  },
  { title: 'train.\nsteps', align: 'right', priority: 1, cell: () => '40' },
  { title: 'optimizer\nstate', align: 'right', priority: 2, cell: ({ size }) => size },
  { title: 'notes', priority: 2, below: 'narrow', cell: ({ note }) => note },
];

const table = tableOf(rows, columns, { notes: ['Losses are nats a token.'], best: 'lowest of its column' });

describe('a table in a terminal', () => {
  it('breaks its titles, marks the best, and has its notes below', () => {
    expect(`\n${textTable(table).join('\n')}\n`).toMatchInlineSnapshot(`
      "
                    final   train.  optimizer
      optimizer  val loss    steps      state  notes
      ─────────  ─────────  ──────  ─────────  ─────────────
      adamw           4.9       40     3.4 MB
      soap            4.6*      40    10.2 MB  stopped early
      Losses are nats a token.
      * lowest of its column
      "
    `);
  });

  it('leaves out what there is no room for by its priority; what stands below then keeps the name of its row', () => {
    const narrow = (width: number) => textTable(table, { width, elsewhere: 'summary.csv has them.' });
    expect(narrow(50).slice(-4)).toMatchInlineSnapshot(`
      [
        "soap            4.6*    10.2 MB  stopped early",
        "Losses are nats a token.",
        "No room here for: train.steps. summary.csv has
      them.",
        "* lowest of its column",
      ]
    `);
    expect(narrow(25)).toMatchInlineSnapshot(`
      [
        "              final",
        "optimizer  val loss",
        "─────────  ─────────",
        "adamw           4.9",
        "soap            4.6*",
        "soap: stopped early",
        "Losses are nats a token.",
        "No room here for:
      train.steps, optimizer
      state. summary.csv has
      them.",
        "* lowest of its column",
      ]
    `);
    expect(textTable(table, { width: 25 }).join('\n')).not.toContain('No room');
  });

  it('always has below it what would never fit', () => {
    const always = columns.map((column) =>
      column.title === 'notes' ? { ...column, below: 'always' as const } : column,
    );
    const lines = textTable(tableOf(rows, always));
    expect(lines[1]).not.toContain('notes');
    expect(lines.at(-1)).toBe('soap: stopped early');
  });

  it('stands in blocks where it stacks and is too wide, without empty cells', () => {
    const stacked = tableOf(rows, columns.slice(0, 1).concat([{ title: 'notes', cell: ({ note }) => note }]), {
      stacks: true,
    });
    expect(textTable(stacked, { width: 100 })[0]).toBe('optimizer  notes');
    expect(textTable(stacked, { width: 20 })).toEqual([
      'optimizer  adamw',
      '',
      'optimizer  soap',
      'notes      stopped early',
    ]);
  });

  it('has colours for what cells say, and no wider for it', () => {
    const tones = ['best', 'good', 'quiet', 'warning', 'trouble'] as const;
    const colored = tableOf(tones, [{ title: 'tone', cell: (tone) => ({ text: tone, tone }) }]);
    const lines = textTable(colored, { colors: createColors(true) }).map(terminalText);
    const codes = lines.slice(2).map((line) => [...line.matchAll(/\[(\d+)m/g)].map(([, code]) => Number(code)));
    expect(codes.map((own) => own.slice(0, -1).filter((code) => code !== 22 && code !== 39))).toEqual([
      [1, 32],
      [32],
      [2],
      [33],
      [31],
    ]);
  });
});
