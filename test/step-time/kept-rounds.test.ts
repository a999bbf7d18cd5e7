import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KeptRounds, keptRoundsFile } from '../../src/step-time/kept-rounds.js';
import { roundOf } from './rounds.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-kept-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const here = { soap_bench: '0.1.0', commit: 'abc', cpu: 'a CPU', cores: 2 };
const file = () => join(folder, keptRoundsFile);
const [first, second] = [roundOf('12 14'), roundOf('20 22')];

function keepTwo(): void {
  const kept = new KeptRounds(folder, here);
  kept.add('adamw', 1, first);
  kept.add('soap', 1, second);
}

it('what has been measured is there for the next timing, until all of it is', () => {
  keepTwo();
  const kept = new KeptRounds(folder, here);
  expect([kept.get('adamw', 1), kept.get('soap', 1), kept.get('soap', 2)]).toEqual([first, second, undefined]);
  kept.add('soap', 2, first);
  expect(new KeptRounds(folder, here).get('soap', 2)).toEqual(first);
  kept.remove();
  expect(existsSync(file())).toBe(false);
  expect(new KeptRounds(folder, here).get('adamw', 1)).toBeUndefined();
});

it('a line that was cut is measured again, and what is added after it can be read', () => {
  keepTwo();
  truncateSync(file(), readFileSync(file()).length - 10);
  const kept = new KeptRounds(folder, here);
  expect([kept.get('adamw', 1), kept.get('soap', 1)]).toEqual([first, undefined]);
  kept.add('soap', 1, second);
  const again = new KeptRounds(folder, here);
  expect([again.get('adamw', 1), again.get('soap', 1)]).toEqual([first, second]);
});

it.each([
  ['another processor', { cpu: 'another CPU' }],
  ['other code', { commit: 'def' }],
])('times of %s are not mixed in', (_, changes) => {
  keepTwo();
  const kept = new KeptRounds(folder, { ...here, ...changes });
  expect(kept.get('adamw', 1)).toBeUndefined();
});

it('lines that are no measurements are left out', () => {
  keepTwo();
  appendFileSync(file(), 'null\n{"key":"x","round":1,"result":null}\n\n');
  const kept = new KeptRounds(folder, here);
  expect([kept.get('soap', 1), kept.get('x', 1)]).toEqual([second, undefined]);
});
