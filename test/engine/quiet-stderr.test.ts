import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;

/** A script that speaks on stderr before, inside and after, with the module beside it: it closes descriptors of its own. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soap-bench-quiet-'));
  const source = await readFile(new URL('../../src/engine/tensorflow/quiet-stderr.ts', import.meta.url), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  await writeFile(join(folder, 'quiet.mjs'), outputText);
  const script = `
    import { writeSync } from 'node:fs';
    import { withQuietStderr } from './quiet.mjs';
    writeSync(2, 'before ');
    const fail = process.argv[2] === 'throw';
    try {
      const result = withQuietStderr(() => {
        writeSync(2, 'inside ');
        if (fail) throw new Error('failed');
        return 'result ';
      });
      writeSync(2, result);
    } catch (error) {
      writeSync(2, error.message + ' ');
    }
    process.stderr.write('after');`;
  await writeFile(join(folder, 'script.mjs'), script);
});
afterAll(() => rm(folder, { recursive: true }));

const shell = (command: string): string => execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
const node = `"${process.execPath}" script.mjs`;

describe.skipIf(process.platform === 'win32')('withQuietStderr', () => {
  it('keeps what is said inside out of a pipe', () => {
    expect(shell(`${node} 2>&1 | cat`)).toBe('before result after');
  });

  it('restores stderr when the action fails', () => {
    expect(shell(`${node} throw 2>&1 | cat`)).toBe('before failed after');
  });

  it('leaves a file alone, whose position it could not restore', () => {
    expect(shell(`${node} > log 2>&1; cat log`)).toBe('before inside result after');
  });
});
