import { describe, expect, it } from 'vitest';
import { OverallPace, minutes } from '../../../src/cli/terminal/pace.js';

describe('how several runs get on together', () => {
  it('counts the steps of all, from a checkpoint on, and the runs that are done', () => {
    const pace = new OverallPace(
      new Map([
        ['a', 100],
        ['b', 300],
      ]),
    );
    const begin = performance.now();
    expect([pace.total, pace.steps, pace.text()]).toEqual([400, 0, '0 of 2 runs']);
    pace.step('a', 51);
    pace.step('a', 52);
    expect(pace.steps).toBe(52);
    // Two steps in ten seconds, and 348 to go.
    expect(pace.text(begin + 10_000)).toBe('0 of 2 runs  29:00 left');
    pace.end('a', 'diverged');
    pace.end('b', 'interrupted');
    expect([pace.steps, pace.text(begin).split('  ')[0]]).toEqual([100, '1 of 2 runs']);
    pace.end('b', 'finished');
    expect([pace.steps, pace.text()]).toEqual([400, '2 of 2 runs']);
  });

  it.each([
    [0, '0:00'],
    [62, '1:02'],
    [3661, '1:01:01'],
  ])('writes %d s as %s', (seconds, text) => {
    expect(minutes(seconds)).toBe(text);
  });
});
