import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

/**
 * What the files of a folder of src/ may import, from the ground up: a folder stands below all that import it. The files
 * beside the folders are the ground floor, and everybody's.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  files: [],
  table: ['files'],
  statistics: [],
  ops: [],
  engine: ['files', 'ops'],
  optim: ['ops'],
  model: ['optim'],
  data: [],
  train: ['data', 'engine', 'files', 'model', 'ops', 'optim'],
  verify: ['engine', 'model', 'optim', 'train'],
  config: ['data', 'engine', 'model', 'optim'],
  tuning: ['config'],
  results: ['config', 'data', 'engine', 'files', 'train', 'tuning'],
  run: ['config', 'data', 'engine', 'files', 'model', 'optim', 'results', 'train'],
  experiment: ['config', 'data', 'engine', 'files', 'model', 'optim', 'results', 'run', 'statistics', 'tuning'],
  'step-time': [
    'config',
    'data',
    'engine',
    'experiment',
    'files',
    'model',
    'optim',
    'results',
    'run',
    'statistics',
    'train',
  ],
  reproduce: ['config', 'data', 'engine', 'experiment', 'files', 'model', 'results', 'step-time'],
  analysis: ['config', 'files', 'reproduce', 'results', 'statistics', 'train', 'tuning'],
  query: ['analysis', 'config', 'files', 'results', 'table', 'train'],
  report: ['analysis', 'config', 'data', 'files', 'optim', 'reproduce', 'results', 'table', 'train'],
  watch: ['files', 'report', 'reproduce'],
};

/** The command line is above all of them, and the library beside it shows what it wants to. */
const above = ['cli', 'index.ts'];

const mostFilesSideBySide = 26;

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join('src', file));

/** The folder of src/ that a file is in; `ground` beside the folders. */
function floorOf(file: string): string {
  const [, first = '', second] = file.split('/');
  return second !== undefined || above.includes(first) ? first : 'ground';
}

function importsOf(file: string): string[] {
  const specifiers = readFileSync(file, 'utf8').matchAll(/(?:from|import) ?\(?'(\.[^']+)\.js'/g);
  return [...specifiers].map(([, specifier]) => `${normalize(join(dirname(file), specifier!))}.ts`);
}

const imports = new Map(files.map((file) => [file, importsOf(file)]));

it('sees every import', () => {
  expect([...imports.values()].flat().filter((file) => !files.includes(file))).toEqual([]);
  expect(imports.get('src/report/report-data.ts')).toContain('src/analysis/analysis.ts');
});

it.each(Object.entries(mayImport))('%s imports only what stands below it', (floor, below) => {
  const found = files
    .filter((file) => floorOf(file) === floor)
    .flatMap((file) => imports.get(file)!.map((imported) => ({ file, imported })))
    .filter(({ imported }) => ![floor, 'ground', ...below].includes(floorOf(imported)))
    .map(({ file, imported }) => `${file} imports ${imported}`);
  expect(found).toEqual([]);
});

it('the ground floor imports nothing but itself', () => {
  const ground = files.filter((file) => floorOf(file) === 'ground').flatMap((file) => imports.get(file)!);
  expect(ground.filter((file) => floorOf(file) !== 'ground')).toEqual([]);
});

it('the table has every folder, and no two that stand above each other', () => {
  const folders = new Set(files.map(floorOf).filter((floor) => floor !== 'ground' && !above.includes(floor)));
  expect(Object.keys(mayImport).toSorted()).toEqual([...folders].toSorted());
  const order = Object.keys(mayImport);
  for (const [index, floor] of order.entries()) {
    expect(order.slice(0, index), floor).toEqual(expect.arrayContaining([...mayImport[floor]!]));
  }
});

it('no files import each other in a circle', () => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    expect(path, 'a circle').not.toContain(file);
    if (done.has(file)) return;
    for (const next of imports.get(file)!) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

it('no folder has more files than one can look through', () => {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > mostFilesSideBySide)).toEqual([]);
});
