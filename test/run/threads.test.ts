import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { threadsOf } from '../../src/run/threads.js';

beforeEach(() => {
  vi.spyOn(os, 'availableParallelism').mockReturnValue(8);
  syncBuiltinESMExports();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

describe('the threads of a run on 8 processors', () => {
  it.each([
    [1, 8],
    [2, 4],
    [3, 2],
    [8, 1],
    [100, 1],
  ])('beside others, %i at once, are %i', (jobs, threads) => {
    expect(threadsOf('auto', jobs)).toBe(threads);
  });

  it.each([
    ['1', 1],
    ['6', 3],
    ['9', 4],
    ['', 4],
    ['all', 4],
  ])(
    'come out of those that Slurm has given, as far as there are so many: of "%s" for two runs %i',
    (given, threads) => {
      vi.stubEnv('SLURM_CPUS_PER_TASK', given);
      expect(threadsOf('auto', 2)).toBe(threads);
    },
  );

  it('are as many as the user says', () => {
    expect(threadsOf(3, 2, 1)).toBe(3);
    expect(threadsOf(12, 1)).toBe(12);
  });

  it.each([
    [1, 1, 1],
    [80, 5, 5],
    [1, 9, 8],
  ])(
    'stay as many as the checkpoint was computed with, as far as there are so many: %i at once, %i before, %i now',
    (jobs, before, threads) => {
      expect(threadsOf('auto', jobs, before)).toBe(threads);
    },
  );
});
