import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runInChild } from '../../src/experiment/child-run.js';
import { finalLoss } from '../../src/results/final-loss.js';
import { RunDirectory } from '../../src/results/directory.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-child-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

// The process is stopped before it has read its own program, which therefore need not be there.
const begin = (signal: AbortSignal) =>
  runInChild(new RunDirectory(folder), { dataset: folder, jobs: 1 }, () => undefined, signal);

it('a run that is stopped while its process starts is interrupted, and leaves nothing behind', async () => {
  const stop = new AbortController();
  const ending = begin(stop.signal);
  stop.abort('SIGINT');
  expect(await ending).toEqual({ kind: 'outcome', state: 'interrupted' });
  expect(new RunDirectory(folder).readStatus()).toBeUndefined();
});

it('a run whose process could not start has failed with its reason, and says nothing of its setting', async () => {
  const outcome = await begin(new AbortController().signal);
  expect(outcome).toMatchObject({ kind: 'error', code: 'run_not_started' });
  if (outcome.kind === 'error')
    expect(outcome.message).toMatch(/before it could begin\n {2}Error.*: Cannot find module/);
  const status = new RunDirectory(folder).readStatus();
  expect(status).toMatchObject({ state: 'failed', step: 0 });
  expect(finalLoss({ status, evaluations: [] })).toBeUndefined();
});

it('a run that was begun before stays as it was when its process cannot start', async () => {
  const directory = new RunDirectory(folder);
  directory.writeStatus({ state: 'interrupted', step: 5, steps: 9, started_at: '2026-01-01T00:00:00Z' });
  expect(await begin(new AbortController().signal)).toMatchObject({ code: 'run_not_started' });
  expect(directory.readStatus()).toMatchObject({ state: 'interrupted', step: 5 });
});
