import { describe, expect, it } from 'vitest';
import { stateOf } from '../../src/experiment/run-states.js';
import type { Holder } from '../../src/files/lock.js';
import type { RunStatus } from '../../src/results/status.js';

const status = (state: RunStatus['state'], message?: string): RunStatus => {
  return { state, step: 3, steps: 9, message, started_at: '2026-01-01T00:00:00Z' };
};
const here: Holder = { pid: 1, host: 'here', started: '1', boot: 'b', namespace: null, element: null, podIndex: null };
const inSlurm: Holder = { ...here, host: 'node7', element: '12_3' };
const running = { element: '12_3', running: true, reason: '' };
const waiting = { element: '12_3', running: false, reason: 'Resources' };
const nothing = { status: undefined, queued: undefined, holder: undefined, isBeingTrained: false };

describe('a run', () => {
  it.each([
    ['that has finished', { ...nothing, status: status('finished') }, 'done', ''],
    ['that diverged', { ...nothing, status: status('diverged', 'at step 3') }, 'done', 'diverged: at step 3'],
    ['that stopped at its target', { ...nothing, status: status('stopped_at_target') }, 'done', 'stopped at target'],
    ['that has ended and is in the queue', { ...nothing, status: status('finished'), queued: waiting }, 'done', ''],
    ['that Slurm runs', { ...nothing, queued: running }, 'running', ''],
    ['that waits in Slurm’s queue', { ...nothing, queued: waiting }, 'pending', 'Resources'],
    [
      'that failed and was submitted again',
      { ...nothing, status: status('failed'), queued: waiting },
      'pending',
      'Resources',
    ],
    ['that a process trains', { ...nothing, status: status('running'), holder: here }, 'running', ''],
    ['that a process will come to', { ...nothing, isBeingTrained: true }, 'pending', ''],
    ['that was killed', { ...nothing, status: status('running') }, 'stopped', ''],
    ['that was stopped', { ...nothing, status: status('interrupted') }, 'stopped', ''],
    [
      'whose node died and that left the queue',
      { ...nothing, status: status('running'), holder: inSlurm },
      'stopped',
      '',
    ],
    ['that failed', { ...nothing, status: status('failed', 'no memory') }, 'failed', 'no memory'],
    ['of which there is nothing', nothing, 'not_started', ''],
  ] as const)('%s', (_what, facts, state, note) => {
    expect(stateOf(facts)).toEqual({ state, note });
  });
});
