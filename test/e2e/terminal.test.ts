import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workspace } from './command.js';

let place: Workspace;
beforeAll(() => {
  place = new Workspace();
});
afterAll(() => {
  place.remove();
});

const bin = fileURLToPath(new URL('../../bin/soap-bench.js', import.meta.url));

/** What a terminal of 100 columns is sent by the command. */
function onTerminal(words: string): string {
  const command = `stty cols 100; ${process.execPath} ${bin} ${words}`;
  const { stdout, error } = spawnSync('script', ['--quiet', '--command', command, '/dev/null'], {
    cwd: place.path,
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm', CI: '' },
  });
  if (error !== undefined) throw error;
  return stdout;
}

describe('on a terminal', () => {
  it('draws a bar a run with loss, speed and time, and nothing of the libraries', () => {
    // Long enough to be drawn in the middle, which happens five times a second.
    const screen = onTerminal('run tiny.yaml --output bars train.steps=300');
    const text = stripVTControlCharacters(screen);
    expect(text).toMatch(/adamw +█+░* 300\/300 +val \d\.\d{3} {2}finished after 0:\d\d/);
    expect(text).toMatch(/soap +█+ 300\/300/);
    expect(text).toMatch(/waiting/);
    expect(text).toMatch(/shampoo +\S+ \d+\/300 +loss \d\.\d{3} {2}val \d\.\d{3} {2}\S+ tok\/s {2}\d:\d\d left/);
    expect(text).not.toMatch(/oneDNN|absl|cuda/i);
  });
});
