import { describe, expect, it } from 'vitest';
import { htmlTable, htmlTableWithNote } from '../../src/table/html.js';
import { jsonTable } from '../../src/table/json.js';
import { latexTable } from '../../src/table/latex.js';
import { markdownTable } from '../../src/table/markdown.js';
import type { ReportTable } from '../../src/table/table.js';

const table: ReportTable = {
  id: 'demo',
  title: 'Demo',
  notes: ['A note.'],
  best: 'lowest of its column',
  columns: [{ title: 'setting' }, { title: 'over\nbaseline', align: 'right', key: 'steps_ratio' }],
  rows: [
    [{ text: 'soap a_b=5% | <x>' }, { text: '0.57× [0.55, 0.60]', value: 0.571234567, tone: 'best' }],
    [{ text: 'lion' }, { text: 'not reached', value: Infinity, tone: 'warning' }],
    [{ text: 'muon' }, { text: 'unknown', value: null }],
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
        'A note. Bold: lowest of its column.',
        '',
      ].join('\n'),
    );
  });

  it('are LaTeX with booktabs, whose signs are escaped', () => {
    expect(latexTable(table).split('\n')).toEqual([
      '% A note. Bold: lowest of its column.',
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
    const html = htmlTable(table);
    expect(html).toContain('soap a_b=5% | &lt;x&gt;');
    expect(html).toContain('data-value="0.571234567"');
    expect(html).toContain('data-value="Infinity"');
    expect(html).toContain('<th class="right" scope="col">over<br>baseline</th>');
    expect(html).toContain('<td class="right trouble" data-column="steps_ratio"');
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
  const everywhere: ReportTable = {
    id: 'nasty',
    title: text,
    notes: [text],
    best: text,
    csv: '',
    columns: [{ title: text }],
    rows: [[{ text, tone: 'best' }], [{ text }]],
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
    expect(htmlTableWithNote(everywhere)).not.toMatch(/<script|<\/script|(?!\n)[\p{Cc}\u2028\u202e]/u);
  });
});
