import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, describe, expect, it } from 'vitest';
import { readDocument } from '../../src/config/document.js';
import { loadExperiment, loadSweep, parseExperiment } from '../../src/config/load.js';
import { mistakeText, type Mistake } from '../../src/config/mistakes.js';
import { toPlain } from '../../src/config/tree.js';
import { failureOf } from '../report/helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'soap-bench-document-'));
const file = join(folder, 'a.yaml');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What the text says, or the mistakes in it. */
function read(text: string): unknown {
  writeFileSync(file, text);
  const mistakes: Mistake[] = [];
  const mapping = readDocument(file, mistakes);
  if (mistakes.length > 0) return mistakes.map((mistake) => mistakeText(mistake).replace(`${file}:`, ''));
  return mapping && toPlain(mapping);
}

const messageOf = (load: () => unknown) => failureOf(load).message;

describe('merge keys', () => {
  it.each([
    ['an alias', 'a: &a { x: 1, y: 2 }\nb: { <<: *a, y: 3, z: 4 }'],
    ['own keys above', 'a: &a { x: 1, y: 2 }\nb: { y: 3, <<: *a }'],
    ['a list', 'a: &a { x: 1 }\nb: &b { x: 2, y: 3 }\nc: { <<: [*a, *b], z: 1 }'],
    ['a mapping', 'b: { <<: { x: 1 }, y: 2 }'],
    ['a merge of a merge', 'a: &a { x: 1 }\nb: &b { <<: *a, y: 2 }\nc: { <<: *b }'],
    ['an anchor that is set anew', 'a: &a { x: 1 }\nb: { <<: *a }\nc: &a { x: 2 }\nd: { <<: *a }'],
  ])('merge as the YAML library does: %s', (_, text) => {
    const merged = read(text) as object;
    expect(merged).toEqual(parse(text, { merge: true }));
    // The order of labels is that of their runs.
    expect(JSON.stringify(Object.keys(merged))).toBe(JSON.stringify(Object.keys(parse(text) as object)));
  });

  it('refuse what is no mapping, and keys given twice', () => {
    const refusal = 'found no mapping to merge, expected an alias such as `<<: *base`, or a list of aliases.';
    expect(read('b: { <<: 1 }')).toEqual([`1:6: b.<<: ${refusal}`]);
    expect(read('b:\n  <<:\n  y: 1')).toEqual([`2:3: b.<<: ${refusal}`]);
    expect(read('a: &a { x: 1 }\nb: { <<: *a, x: 2, x: 3 }')).toEqual([
      expect.stringMatching(/^2:20: b\.x: found the key a second time/),
    ]);
  });

  it('are a key like others in quotes', () => {
    expect(read('a: { "<<": 1 }')).toEqual({ a: { '<<': 1 } });
  });
});

describe('a file that asks for too much', () => {
  const tooDeep = 'found more than 100 levels in one another, expected fewer.';
  const levels = (count: number) => `a: ${'['.repeat(count)}${']'.repeat(count)}`;
  const aliases = (open: string, close: string, item: (alias: string, index: number) => string) => {
    const of = (alias: string) =>
      `${open}${Array.from({ length: 9 }, (_, index) => item(alias, index)).join(', ')}${close}`;
    return Array.from(
      { length: 9 },
      (_, level) => `k${level}: &a${level} ${of(level === 0 ? '1' : `*a${level - 1} `)}`,
    );
  };

  it.each([
    ['levels', levels(200), tooDeep],
    ['levels that the parser has no room for', levels(50_000), tooDeep],
    ['levels of mappings', Array.from({ length: 150 }, (_, i) => `${' '.repeat(i)}k:`).join('\n'), tooDeep],
    [
      'aliases of aliases, as lists',
      aliases('[', ']', (alias) => alias).join('\n'),
      'found more than 50,000 values, those behind an alias counted each time, expected fewer.',
    ],
    [
      'aliases of aliases, as mappings',
      aliases('{ ', ' }', (alias, index) => `x${index}: ${alias}`).join('\n'),
      'found more than 50,000 values, those behind an alias counted each time, expected fewer.',
    ],
    ['bytes', `# ${'x'.repeat(1_100_000)}`, 'found 1.1 MB, expected a configuration of at most 1 MB.'],
  ])('of %s is refused', (_, text, message) => {
    expect(read(text)).toEqual([expect.stringContaining(message)]);
  });

  it('without an end is refused as well', () => {
    const mistakes: Mistake[] = [];
    expect(readDocument('/dev/zero', mistakes)).toBeUndefined();
    expect(mistakes[0]!.text).toBe('found more than 1 MB, expected a configuration of at most 1 MB');
  });

  it.each<[BufferEncoding, string]>([
    ['utf16le', 'text in utf-16le'],
    ['latin1', 'text in iso-8859-1'],
  ])('in %s is said to be in another encoding', (encoding, found) => {
    const text = `\ufeffname: café\n# ${'une configuration assez simple '.repeat(5)}\n`;
    writeFileSync(file, Buffer.from(encoding === 'latin1' ? text.slice(1) : text, encoding));
    const mistakes: Mistake[] = [];
    expect(readDocument(file, mistakes)).toBeUndefined();
    expect(mistakes[0]!.text).toBe(`found ${found}, expected text in UTF-8`);
  });

  it('has all its mistakes counted', () => {
    writeFileSync(file, Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n'));
    expect(messageOf(() => loadSweep({ files: [file], overrides: [] }))).toMatch(
      /^20003 mistakes:\n[^]*… and 19993 more$/,
    );
  });
});

describe('names of JavaScript’s own', () => {
  const base =
    'model: { preset: 360m, scale: 1/8, context: 64 }\ntrain: { steps: 2, batch_tokens: 64, eval_every: 1, eval_tokens: 64 }\n';

  it.each(['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'])('%s is no label', (label) => {
    const problem = label === '__proto__' ? 'found __proto__, which cannot be a key' : `found the label "${label}"`;
    writeFileSync(file, `${base}optimizers: { adamw: {}, ${label}: { optimizer: soap } }`);
    expect(messageOf(() => loadExperiment({ files: [file], overrides: [] }))).toContain(problem);
    writeFileSync(file, `${base}optimizers: { adamw: {} }`);
    for (const overrides of [`optimizers.${label}.optimizer=soap`, `optimizers={${label}: {optimizer: soap}}`]) {
      expect(messageOf(() => loadExperiment({ files: [file], overrides: [overrides] }))).toContain(problem);
    }
    const program = {
      ...(parse(base) as object),
      optimizers: JSON.parse(`{ "adamw": {}, "${label}": { "optimizer": "soap" } }`) as unknown,
    };
    expect(messageOf(() => parseExperiment(program))).toContain(problem);
  });

  it.each(['__proto__', 'constructor', 'toString'])('%s is no key', (key) => {
    writeFileSync(file, `${base}optimizers: { adamw: { ${key}: 1 } }`);
    expect(messageOf(() => loadExperiment({ files: [file], overrides: [] }))).toMatch(
      /found (an unknown key|__proto__, which cannot be a key)/,
    );
    writeFileSync(file, `${base}optimizers: { adamw: {} }`);
    for (const word of [`${key}=1`, `train.${key}=1`, `sweep.parameters.${key}=1,2`]) {
      expect(messageOf(() => loadSweep({ files: [file], overrides: [word] }))).not.toBe('');
    }
  });
});
