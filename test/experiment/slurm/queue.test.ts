import { describe, expect, it } from 'vitest';
import { isRunning, parseQueue } from '../../../src/experiment/slurm/queue.js';

describe('what squeue says', () => {
  const text =
    '12_0|RUNNING|None\n12_1|COMPLETING|None\n12_2|PENDING|Resources\n13_0|REQUEUE_HOLD|job requeued in held state\n';

  it('is read line by line', () => {
    expect([...parseQueue(text)]).toEqual([
      ['12_0', { state: 'RUNNING', reason: '' }],
      ['12_1', { state: 'COMPLETING', reason: '' }],
      ['12_2', { state: 'PENDING', reason: 'Resources' }],
      ['13_0', { state: 'REQUEUE_HOLD', reason: 'job requeued in held state' }],
    ]);
    expect(parseQueue('').size).toBe(0);
  });

  it('tells what holds a machine from what waits for one', () => {
    const running = [...parseQueue(text)].filter(([, element]) => isRunning(element)).map(([name]) => name);
    expect(running).toEqual(['12_0', '12_1']);
  });
});
