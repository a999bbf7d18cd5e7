import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filledEventFile, readEvents } from '../run/tensorboard/read-events.js';
import { Workspace } from './command.js';

const words = ['run', 'tiny.yaml', '~optimizers.shampoo', '~optimizers.adamw', '--engine', 'tensorflow', '--quiet'];
const train = ['train.steps=200', 'train.eval_every=7', 'train.checkpoint_every=10'];

let place: Workspace;
beforeAll(() => {
  place = new Workspace();
});
afterAll(() => {
  place.remove();
});

/** The numbers of a run's CSV files as an event file has them, in the order of their steps. */
function expectedEvents(folder: string): { step: number; scalars: Record<string, number> }[] {
  const rows = ['metrics.csv', 'eval.csv'].flatMap((file) => place.csv(folder, 'runs', 'soap', file));
  const events = rows.map(({ step, split, ...columns }) => {
    const numbers = Object.entries(columns).map(([name, text]) => [`${split}/${name}`, Math.fround(Number(text))]);
    const scalars = Object.fromEntries(numbers.filter(([, value]) => !Number.isNaN(value))) as Record<string, number>;
    return { step: Number(step), scalars };
  });
  return events.sort(inOrder);
}

const isTraining = ({ scalars }: { scalars: object }) => ('train/loss' in scalars ? 0 : 1);
const inOrder = (a: { step: number; scalars: object }, b: { step: number; scalars: object }) =>
  a.step - b.step || isTraining(a) - isTraining(b);

function writtenEvents(folder: string) {
  const file = filledEventFile(join(place.path, folder, 'runs', 'soap'));
  const [version, restart, ...events] = readEvents(file);
  expect(version!.fileVersion).toBe('brain.Event:2');
  expect(restart!.restart).toBe(true);
  return events.map(({ step, scalars }) => ({ step, scalars })).sort(inOrder);
}

describe('run --tensorboard', () => {
  it('writes the numbers of the CSV files, also of a run that was killed and resumed', async () => {
    const { child, finished } = place.start([...words, ...train, '--tensorboard', '--output', 'killed'], {}, true);
    const metrics = join(place.path, 'killed', 'runs', 'soap', 'metrics.csv');
    while (!existsSync(metrics) || readFileSync(metrics, 'utf8').split('\n').length < 28) await sleep(5);
    process.kill(-child.pid!, 'SIGKILL');
    await finished;
    expect((await place.run(['resume', 'killed', '--quiet'])).code).toBe(0);
    const status = JSON.parse(place.read('killed', 'runs', 'soap', 'status.json')) as { resumed_from: number[] };
    expect(status.resumed_from[0]).toBeGreaterThanOrEqual(10);
    expect(place.csv('killed', 'runs', 'soap', 'metrics.csv')).toHaveLength(200);
    expect(writtenEvents('killed')).toEqual(expectedEvents('killed'));
  });
});
