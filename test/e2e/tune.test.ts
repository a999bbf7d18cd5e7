import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workspace } from './command.js';

let place: Workspace;
beforeAll(() => {
  place = new Workspace({ engine: 'wasm' });
});
afterAll(() => {
  place.remove();
});

const words = [
  ...['run', 'tiny.yaml', '~optimizers.shampoo', 'seeds=0,1', 'budgets.fraction=0.5,1'],
  ...['optimizers.soap.tune={lr: [1e-4, 1e-3], extend: true}', 'optimizers.adamw.tune.lr=1e-3,1e-2'],
];

/** When each task was trained, by its id. */
function startTimes(folder: string): Map<string, string> {
  const started = (id: string) => JSON.parse(place.read(folder, 'runs', id, 'status.json')) as { started_at: string };
  return new Map(place.list(folder, 'runs').map((id) => [id, started(id).started_at]));
}

describe('a tuned comparison', () => {
  it('says how many tasks it has at least and at most, and writes no results', async () => {
    const { code, stdout, stderr } = await place.run([...words, '--dry-run']);
    expect(code, stderr).toBe(0);
    // Two optimizers: two rates each, then 2 seeds × 2 budgets of the winner.
    expect(stdout).toMatch(/tiny: 4 tasks; in all at least 13 and at most 16: about/);
    expect(existsSync(join(place.path, 'results'))).toBe(false);
    const json = await place.run([...words, '--dry-run', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ pending: 4, tasks_least: 13, tasks_most: 16 });
    expect(json.stderr).toBe('');
  });

  it('trains, chooses and compares, and trains nothing again', async () => {
    const folder = join('results', 'tiny', 'sweep');
    const { code, stdout, stderr } = await place.run(words);
    expect(code, stderr).toBe(0);
    const tried = place.csv(folder, 'tuning.csv');
    const best = (label: string) => {
      const own = tried.filter((row) => row.label === label);
      return own.toSorted((a, b) => Number(a.final_loss) - Number(b.final_loss))[0]!;
    };
    for (const label of ['adamw', 'soap']) {
      expect(tried.filter((row) => row.label === label && row.winner === 'true')).toEqual([best(label)]);
      const compared = place.csv(folder, 'runs.csv').filter((row) => row.label!.startsWith(`${label} `));
      expect(compared.map(({ lr, seed, steps_done }) => [lr, seed, steps_done])).toEqual(
        ['12', '6'].flatMap((steps) => ['0', '1'].map((seed) => [best(label).lr, seed, steps])),
      );
      expect(compared.map(({ task }) => task)).not.toContain(best(label).task);
    }
    expect(stdout).toContain('Chosen by the final validation loss:');
    const settings = place.csv(folder, 'summary.csv');
    expect(settings.filter(({ label }) => label === 'soap').every(({ t }) => Number.isFinite(Number(t)))).toBe(true);

    const before = startTimes(folder);
    expect((await place.run(words)).code).toBe(0);
    expect((await place.run(['resume', folder])).code).toBe(0);
    expect((await place.run(['run', join(folder, 'config.yaml')])).code).toBe(0);
    expect(startTimes(folder)).toEqual(before);
  });

  it('counts what it tries by optimizer, however many values other options have', async () => {
    const several = [
      'optimizers.soap.precondition_frequency=1,2',
      'optimizers.soap.tune.lr=1e-3,1e-2',
      'train.steps=2',
    ];
    const { code, stderr } = await place.run([...words.slice(0, 3), ...several, '--output', 'several']);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('round 1: trying 4 settings of soap; training 1 to compare');
  });

  it('goes on by resume where it was stopped', async () => {
    const long = [...words.slice(0, 4), 'train.steps=60', 'optimizers.soap.tune.lr=1e-3,1e-2', '--output', 'stopped'];
    const { child, finished } = place.start(long);
    const runs = join(place.path, 'stopped', 'runs');
    while (!existsSync(runs) || !place.list('stopped', 'runs').some((id) => id.startsWith('soap'))) await sleep(50);
    await sleep(300);
    child.kill('SIGTERM');
    const { code, stderr } = await finished;
    expect(code).toBe(75);
    expect(stderr).toContain('soap-bench resume stopped');
    expect((await place.run(['resume', 'stopped'])).code).toBe(0);
    const tried = place.csv('stopped', 'tuning.csv');
    expect(tried.map(({ state }) => state)).toEqual(['finished', 'finished']);
    expect(tried.filter(({ winner }) => winner === 'true')).toHaveLength(1);
    expect(place.csv('stopped', 'runs.csv').map(({ state }) => state)).toEqual(Array(4).fill('finished'));
  });
});
