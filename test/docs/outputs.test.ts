import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Column } from '../../src/files/columns.js';
import { evaluationColumns, stepColumns } from '../../src/train/rows.js';

const page = readFileSync('docs/outputs.md', 'utf8');

const files: readonly [string, Readonly<Record<string, Column<unknown>>>][] = [
  ['metrics.csv', stepColumns],
  ['eval.csv', evaluationColumns],
];

it.each(files)('docs/outputs.md has the columns of %s', (name, columns) => {
  const block = page.slice(page.indexOf(`<!-- columns of ${name} -->`), page.indexOf(`<!-- /columns of ${name} -->`));
  const rows = block.split('\n').filter((line) => line.startsWith('| `'));
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  // When this fails: npm run results:build
  const expected = Object.entries(columns).map(([column, { unit, meaning }]): string[] => {
    return ['', `\`${column}\``, unit, meaning, ''];
  });
  expect(cells).toEqual(expected);
});
