import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const bin = fileURLToPath(new URL('../../../bin/soap-bench.js', import.meta.url));

function scriptFor(shell: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-completion-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const { stdout } = spawnSync(process.execPath, [bin, 'completion', shell], { encoding: 'utf8' });
  const file = join(folder, 'completion');
  writeFileSync(file, stdout);
  return file;
}

const isThere = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** What is offered for the last of some words, and what must not be. */
const cases: [string, string[], string[]][] = [
  ['soap-bench ru', ['run'], ['report']],
  ['soap-bench config ', ['explain', 'list'], ['run']],
  ['soap-bench run quick', ['quickstart'], ['examples/bytes']],
  ['soap-bench run paper/head', ['paper/headline-360m'], ['quickstart']],
  ['soap-bench run quickstart --dr', ['--dry-run'], ['--json']],
  ['soap-bench run quickstart --engine w', ['wasm'], ['cpu']],
  ['soap-bench init exam', ['examples/bytes'], []],
  ['soap-bench optimizers explain soap-k', ['soap-kl'], ['adamw']],
  ['soap-bench completion f', ['fish'], ['bash']],
];

describe.skipIf(!isThere('bash'))('in bash', () => {
  it('completes commands, options, their choices and names', () => {
    const script = scriptFor('bash');
    for (const [line, offered, others] of cases) {
      const run = `source ${script}; COMP_WORDS=(${line}${line.endsWith(' ') ? '""' : ''}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
        _soap_bench; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', run], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(stdout.split('\n')).toEqual(expect.arrayContaining(offered));
      for (const other of others) expect(stdout.split('\n')).not.toContain(other);
    }
  });
});

describe.skipIf(!isThere('fish'))('in fish', () => {
  it('completes commands, options, their choices and names', () => {
    const script = scriptFor('fish');
    for (const [line, offered, others] of cases) {
      const run = `source ${script}; complete -C '${line}'`;
      const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', run], { encoding: 'utf8' });
      expect(stderr).toBe('');
      const words = stdout.split('\n').map((text) => text.split('\t')[0]);
      expect(words).toEqual(expect.arrayContaining(offered));
      for (const other of others) expect(words).not.toContain(other);
    }
  });
});

describe.skipIf(!isThere('zsh'))('in zsh', () => {
  it('completes commands, options, their choices and names', () => {
    const script = scriptFor('zsh');
    for (const [line, offered, others] of cases) {
      // The function outside of the line editor: what it would hand over is printed.
      const run = `compdef() { }; compadd() { shift; print -l -- $@ }; _files() { }; source ${script}
        words=(${line}${line.endsWith(' ') ? "''" : ''}); CURRENT=$#words; _soap_bench`;
      const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', run], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(stdout.split('\n')).toEqual(expect.arrayContaining(offered));
      // zsh itself keeps what the word begins with: here the group of candidates is what can be wrong.
      if (line.endsWith(' ')) for (const other of others) expect(stdout.split('\n')).not.toContain(other);
    }
  });
});
