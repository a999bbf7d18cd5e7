import { describe, expect, it } from 'vitest';
import { jsonTable, latexTable, markdownTable } from '../../../src/report/tables/table-formats.js';
import type { Table } from '../../../src/report/tables/table.js';
import { tableHtml, tableWithNote } from '../../../src/report/page/table-html.js';

const table: Table = {
  id: 'demo',
  title: 'Demo',
  note: 'A note.',
  columns: [
    { title: 'setting', align: 'left' },
    { title: 'over baseline', align: 'right' },
  ],
  rows: [
    [
      { text: 'soap a_b=5% | <x>' },
      { text: '0.57× [0.55, 0.60]', column: 'steps_ratio', value: 0.571234567, best: true },
    ],
    [{ text: 'lion' }, { text: 'not reached', column: 'steps_ratio', value: Infinity, trouble: true }],
    [{ text: 'muon' }, { text: 'unknown', column: 'steps_ratio', value: null }],
  ],
  csv: '',
};

describe('the forms of a table', () => {
  it('are Markdown', () => {
    expect(markdownTable(table)).toBe(
      [
        '| setting | over baseline |',
        '| --- | ---: |',
        '| soap a_b=5% \\| \\<x> | **0.57× [0.55, 0.60]** |',
        '| lion | not reached |',
        '| muon | unknown |',
        '',
        'A note.',
        '',
      ].join('\n'),
    );
  });

  it('are LaTeX with booktabs, whose signs are escaped', () => {
    expect(latexTable(table).split('\n')).toEqual([
      '% A note.',
      '\\begin{tabular}{lr}',
      '\\toprule',
      'setting & over baseline \\\\',
      '\\midrule',
      'soap a\\_b=5\\% | $<$x$>$ & \\textbf{0.57$\\times$ [0.55, 0.60]} \\\\',
      'lion & not reached \\\\',
      'muon & unknown \\\\',
      '\\bottomrule',
      '\\end{tabular}',
      '',
    ]);
  });

  it('are JSON with every digit, infinities as words', () => {
    expect(JSON.parse(jsonTable(table))).toEqual([
      { setting: 'soap a_b=5% | <x>', steps_ratio: 0.571234567 },
      { setting: 'lion', steps_ratio: 'inf' },
      { setting: 'muon', steps_ratio: null },
    ]);
  });

  it('are HTML in which nothing of a name is markup', () => {
    const html = tableHtml(table);
    expect(html).toContain('soap a_b=5% | &lt;x&gt;');
    expect(html).toContain('data-value="0.571234567"');
    expect(html).toContain('data-value="Infinity"');
  });
});

describe.each([
  'a\nb\u2028c',
  '[x](javascript:alert(1))',
  '</script><script>alert(1)</script>',
  '\u001b[2J\u009b\u202e',
  '% \\input{x} & $y$ # {z}',
  '\n\n# title\n| a | b |',
])('%j in every place of a table', (text) => {
  const everywhere: Table = {
    id: 'nasty',
    title: text,
    note: text,
    csv: '',
    columns: [{ title: text, align: 'left' }],
    rows: [[{ text, best: true }], [{ text }]],
  };

  it('is one line of Markdown in each, without a control character', () => {
    const lines = markdownTable(everywhere).split('\n');
    expect(lines.map((line) => line.slice(0, 2))).toEqual(['| ', '| ', '| ', '| ', '', expect.any(String), '']);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\u2028\u202e]|(?<!\\)<|(?<!\\)\]\(|^#/u);
  });

  it('leaves no comment and no cell of LaTeX', () => {
    const lines = latexTable(everywhere).split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[0]).toMatch(/^% /);
    expect(lines.slice(1).join('')).not.toMatch(/[\p{Cc}\u2028\u202e]|\\input|(?<!\\)%|(?<!\\)&/u);
    expect(lines.filter((line) => /^[[*]/.test(line))).toEqual([]);
  });

  it('is no markup in HTML', () => {
    expect(tableWithNote(everywhere)).not.toMatch(/<script|<\/script|(?!\n)[\p{Cc}\u2028\u202e]/u);
  });
});
