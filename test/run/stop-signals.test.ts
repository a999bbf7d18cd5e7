import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { outlivesTerminal } from '../../src/run/stop-signals.js';

/** Linux's description of a process: how its input was opened, and where its output goes. */
function descriptors(inputFlags: string, output: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-proc-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  mkdirSync(join(folder, 'fdinfo'));
  mkdirSync(join(folder, 'fd'));
  writeFileSync(join(folder, 'fdinfo/0'), `pos:\t0\nflags:\t${inputFlags}\nmnt_id:\t15\n`);
  symlinkSync(output, join(folder, 'fd/1'));
  return folder;
}

it.each([
  ['a terminal', {}, '02100002', '/dev/pts/0', false],
  ['a script’s background', { _: '/usr/bin/node' }, '02100000', '/home/me/log', false],
  ['nohup called by a shell', { _: '/usr/bin/nohup' }, '02100000', '/home/me/log', true],
  ['nohup on a terminal', {}, '02100001', '/home/me/log', true],
  ['nohup without another output', {}, '02100000', '/home/me/nohup.out', true],
])('a process in %s', (_, env, flags, output, outlives) => {
  expect(outlivesTerminal(env, descriptors(flags, output))).toBe(outlives);
});

it('where the system tells nothing, a closed terminal ends a process', () => {
  expect(outlivesTerminal({}, '/nowhere')).toBe(false);
});
