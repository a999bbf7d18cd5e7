import { availableParallelism } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { threadsOf } from '../../src/run/threads.js';

const all = availableParallelism();

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the threads of a run', () => {
  it('are all there are, or equal parts, and at least one', () => {
    expect(threadsOf('auto', 1)).toBe(all);
    expect(threadsOf('auto', 2)).toBe(Math.max(1, Math.floor(all / 2)));
    expect(threadsOf('auto', 10 * all)).toBe(1);
  });

  it('are those that Slurm has given, as far as there are so many', () => {
    vi.stubEnv('SLURM_CPUS_PER_TASK', '1');
    expect(threadsOf('auto', 1)).toBe(1);
    vi.stubEnv('SLURM_CPUS_PER_TASK', String(all + 1));
    expect(threadsOf('auto', 1)).toBe(all);
  });

  it('are as many as the user says', () => {
    expect(threadsOf(3, 2, 1)).toBe(3);
  });

  it('stay as many as the checkpoint was computed with, as far as there are so many', () => {
    expect(threadsOf('auto', 1, 1)).toBe(1);
    expect(threadsOf('auto', 10 * all, all)).toBe(all);
    expect(threadsOf('auto', 1, all + 1)).toBe(all);
  });
});
