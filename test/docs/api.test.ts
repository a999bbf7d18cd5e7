import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** The names that src/index.ts exports, types too. */
function exported(): string[] {
  const lists = readFileSync('src/index.ts', 'utf8').matchAll(/^export (?:type )?\{([^}]+)\}/gm);
  return [...lists].flatMap(([, names]) => names!.split(',').map((name) => name.trim().replace(/^type /, '')));
}

/** The names that docs/api.md documents: in its headings and in the first column of its lists of names. */
function documented(): string[] {
  const lines = readFileSync('docs/api.md', 'utf8').split('\n');
  const names = new Set<string>();
  let isOfNames = false;
  for (const line of lines) {
    const [, first = ''] = line.split('|');
    if (!line.startsWith('|')) isOfNames = false;
    else if (first.trim() === 'name') isOfNames = true;
    else if (isOfNames) for (const [, name] of first.matchAll(/`(\w+)`/g)) names.add(name!);
    if (line.startsWith('### ')) for (const [, name] of line.matchAll(/`(\w+)[(`]/g)) names.add(name!);
  }
  return [...names];
}

it('the library exports what docs/api.md documents, and nothing else', () => {
  expect(exported().length).toBeGreaterThan(50);
  expect(exported().toSorted()).toEqual(documented().toSorted());
});
