import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerVerify } from '../../src/cli/commands/verify.js';

const golden = new URL('../golden/', import.meta.url);
const adamw = new URL('adamw.json', golden).pathname;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soap-bench-verify-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function run(...words: string[]): Promise<{ text: string; exitCode: unknown }> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const program = new Command().exitOverride();
  registerVerify(program);
  await program.parseAsync(['verify', '--engine', 'wasm', ...words], { from: 'user' });
  return { text, exitCode: process.exitCode };
}

/** adamw.json with its text changed. */
async function changed(name: string, from: string, to: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, (await readFile(adamw, 'utf8')).replace(from, to));
  return path;
}

describe('verify', () => {
  it('ends well when everything passes, with a line that says on what', async () => {
    const { text, exitCode } = await run(adamw);
    expect(exitCode).toBeUndefined();
    expect(text).toMatch(/adamw .*weights, 20 steps from the start .*pass/);
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^1 passed, 0 failed on wasm \d+\.\d+\.\d+ \(.+\)$/);
  });

  it('ends with 1 when one of several fails', async () => {
    const wrong = await changed('wrong.json', '"betas": [0.9,', '"betas": [0.8,');
    const { text, exitCode } = await run(adamw, wrong);
    expect(exitCode).toBe(1);
    expect(text).toContain('FAIL');
    expect(text).toContain('1 passed, 1 failed');
  });

  it('counts a reference that nothing here follows as failed, and says why', async () => {
    const other = await changed('other.json', '"torch.optim.AdamW"', '"torch.optim.Rprop"');
    const { text, exitCode } = await run(other);
    expect(exitCode).toBe(1);
    expect(text).toMatch(/other .*not supported .*FAIL/);
    expect(text).toContain('other: no optimizer here follows torch.optim.Rprop');
    expect(text).toContain('0 passed, 1 failed');
    const { text: json } = await run(other, '--json');
    expect(JSON.parse(json)).toMatchObject({
      engine: { name: 'wasm' },
      passed: 0,
      failed: 1,
      checks: [{ case: 'other', difference: null, passed: false, reason: expect.stringContaining('Rprop') as string }],
    });
  });

  it('refuses an engine that does not exist', async () => {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    registerVerify(program);
    program.commands[0]!.exitOverride().configureOutput({ writeErr: () => undefined });
    await expect(program.parseAsync(['verify', '--engine', 'gpu'], { from: 'user' })).rejects.toThrow(/gpu/);
  });
});
