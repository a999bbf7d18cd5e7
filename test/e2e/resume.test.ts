import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyDisk } from '../support/tiny-disk.js';
import { hideNativeEngine, Workspace } from './command.js';
import { lossColumns } from './lasting-columns.js';

const steps = 200;
const words = ['run', 'tiny.yaml', '~optimizers.shampoo', '~optimizers.adamw', '--engine', 'tensorflow'];
const train = [`train.steps=${steps}`, 'train.eval_every=25', 'train.checkpoint_every=20'];
const full = [...words, ...train];

let place: Workspace;
/** What a run writes that nobody disturbs. */
let whole: ReturnType<typeof lossColumns>;
/** A folder with a run that was stopped at a step between two checkpoints: `stopped`. */
beforeAll(async () => {
  place = new Workspace();
  expect((await place.run([...full, '--output', 'whole'])).code).toBe(0);
  whole = lossColumns(place, 'whole', 'soap');
  const { code, stderr } = await stopped('stopped', 'SIGTERM', 50);
  expect(code).toBe(75);
  expect(stderr).toContain('To go on later: soap-bench resume stopped');
});
afterAll(() => {
  place.remove();
});

/** Starts a run and stops it once it has so many rows. */
async function stopped(folder: string, signal: NodeJS.Signals, row: number) {
  const { child, finished } = place.start([...full, '--output', folder]);
  await untilRow(folder, row);
  child.kill(signal);
  return finished;
}

async function untilRow(folder: string, row: number): Promise<void> {
  const file = join(place.path, folder, 'runs', 'soap', 'metrics.csv');
  while (!existsSync(file) || readFileSync(file, 'utf8').split('\n').length < row) await sleep(5);
}

/** A copy of the stopped run, to be damaged. */
function copyOfStopped(name: string): string {
  cpSync(join(place.path, 'stopped'), join(place.path, name), { recursive: true });
  return join(place.path, name);
}

interface Status {
  state: string;
  step: number;
  pid: number;
  resumed_from?: number[];
}
const statusOf = (folder: string) => JSON.parse(place.read(folder, 'runs', 'soap', 'status.json')) as Status;
const checkpointsOf = (folder: string) => place.list(folder, 'runs', 'soap', 'checkpoints');
const stepOf = (checkpoint: string) => Number(/\d+/.exec(checkpoint)![0]);

async function resumesToTheSameRows(folder: string) {
  const finished = await place.run(['resume', folder]);
  expect(finished.code, finished.stderr).toBe(0);
  expect(lossColumns(place, folder, 'soap')).toEqual(whole);
  return finished;
}

describe('a run that is asked to stop', () => {
  it('by SIGTERM ends with 75 and a checkpoint of its last step, and goes on from it', async () => {
    const { state, step } = statusOf('stopped');
    expect(state).toBe('interrupted');
    expect(checkpointsOf('stopped').map(stepOf).at(-1)).toBe(step);
    copyOfStopped('goes-on');
    const { stdout } = await resumesToTheSameRows('goes-on');
    expect(stdout).toContain('soap');
    expect(statusOf('goes-on')).toMatchObject({ state: 'finished', step: steps, resumed_from: [step] });
    expect(checkpointsOf('goes-on').map(stepOf)).toEqual([180, 200]);
    // Nothing is left to be done, and a second time does nothing.
    const metrics = place.read('goes-on', 'runs', 'soap', 'metrics.csv');
    expect((await place.run(['resume', 'goes-on', '--quiet'])).code).toBe(0);
    expect(place.read('goes-on', 'runs', 'soap', 'metrics.csv')).toBe(metrics);
  });

  it.each([
    ['SIGUSR1', 75],
    ['SIGINT', 130],
  ] as const)('by %s ends with %i and a checkpoint', async (signal, expected) => {
    const folder = signal.toLowerCase();
    expect((await stopped(folder, signal, 30)).code).toBe(expected);
    expect(checkpointsOf(folder).map(stepOf).at(-1)).toBe(statusOf(folder).step);
  });
});

describe('a run goes on to the same rows', () => {
  it('when the last lines of its files are cut', async () => {
    const run = join(copyOfStopped('cut'), 'runs', 'soap');
    for (const file of ['metrics.csv', 'eval.csv']) appendFileSync(join(run, file), '51,65');
    await resumesToTheSameRows('cut');
  });

  it('from the checkpoint before, when bytes of the newest have been flipped', async () => {
    const run = join(copyOfStopped('flipped'), 'runs', 'soap');
    const [before, newest] = checkpointsOf('flipped') as [string, string];
    const file = join(run, 'checkpoints', newest, 'optimizer.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(file, bytes);
    const { stderr } = await resumesToTheSameRows('flipped');
    expect(stderr).toContain(`the checkpoint of step ${stepOf(newest)} is damaged and not used: optimizer.safetensors`);
    expect(statusOf('flipped').resumed_from).toEqual([stepOf(before)]);
  });

  it('from the start, when it has no checkpoint left', async () => {
    rmSync(join(copyOfStopped('none'), 'runs', 'soap', 'checkpoints'), { recursive: true });
    const { stderr } = await resumesToTheSameRows('none');
    expect(stderr).toContain('there is no checkpoint to go on from: training begins again');
  });

  it('from the checkpoint whose rows are there, when rows are missing', async () => {
    const run = join(copyOfStopped('rows'), 'runs', 'soap');
    const lines = readFileSync(join(run, 'metrics.csv'), 'utf8').split('\n');
    writeFileSync(join(run, 'metrics.csv'), lines.slice(0, -3).join('\n') + '\n');
    const { stderr } = await resumesToTheSameRows('rows');
    expect(stderr).toContain('rows before it are missing');
  });

  it('when status.json was half-written by something else', async () => {
    const run = join(copyOfStopped('status'), 'runs', 'soap');
    writeFileSync(join(run, 'status.json'), '{"state": "fin');
    await resumesToTheSameRows('status');
  });

  const disk = tinyDisk(400);
  it.skipIf(disk === undefined)('when the disk was full and has room again', async () => {
    try {
      symlinkSync(disk!.path, join(place.path, 'disk'));
      const { code, stderr } = await place.run([...full, '--output', 'disk/full']);
      expect(code, stderr).toBe(5);
      expect(stderr).toMatch(/cannot be written: there is no space left/);
      expect(stderr).toContain('make room');
      expect(stderr).not.toMatch(/^\s+at /m);
      execFileSync('mount', ['-o', 'remount,size=8m', disk!.path]);
      await resumesToTheSameRows('disk/full');
    } finally {
      disk!.remove();
    }
  });
});

describe('resume refuses', () => {
  it('a folder that a live process writes into, until that ends with its parent and a checkpoint', async () => {
    const { child, finished } = place.start([...full, 'train.steps=100000', '--output', 'held']);
    await untilRow('held', 30);
    const { code, stderr } = await place.run(['resume', 'held']);
    expect(code).toBe(6);
    expect(stderr).toContain(`held is in use: process ${child.pid} is writing into it`);
    // The run's own process outlives its parent for a step or more, and holds the run.
    const { pid } = statusOf('held');
    process.kill(pid, 'SIGSTOP');
    child.kill('SIGKILL');
    await finished;
    const second = await place.run(['resume', 'held']);
    expect(second.code).toBe(5);
    expect(second.stderr).toContain(`soap is in use: process ${pid} is writing into it`);
    expect(statusOf('held').state).toBe('running');
    process.kill(pid, 'SIGCONT');
    while (statusOf('held').state === 'running' && existsSync(`/proc/${pid}`)) await sleep(20);
    expect(statusOf('held').state).toBe('interrupted');
    expect(checkpointsOf('held').map(stepOf).at(-1)).toBe(statusOf('held').step);
  });

  it('a changed configuration, in one file or in all', async () => {
    const folder = copyOfStopped('changed');
    const change = (file: string) => {
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace('steps: 200', 'steps: 300').replace('lr: 0.003', 'lr: 0.004'),
      );
    };
    change(join(folder, 'runs', 'soap', 'config.yaml'));
    const one = await place.run(['resume', 'changed']);
    expect(one.code).toBe(2);
    expect(one.stderr).toContain('train.steps: 300 before, 200 now');
    expect(one.stderr).toContain('optimizers.soap.lr: 0.004 before, 0.003 now');
    change(join(folder, 'config.yaml'));
    const all = await place.run(['resume', 'changed']);
    expect(all.code).toBe(5);
    expect(all.stderr).toMatch(/not the one of the checkpoint of step \d+:\s+train.steps: 200 before, 300 now/);
    expect(lossColumns(place, 'changed', 'soap')).toEqual(lossColumns(place, 'stopped', 'soap'));
  });

  it('another engine than the checkpoint’s', async () => {
    const automatic = full.filter((word) => word !== '--engine' && word !== 'tensorflow');
    const { child, finished } = place.start([...automatic, '--output', 'engine']);
    await untilRow('engine', 30);
    child.kill('SIGTERM');
    await finished;
    const env = { NODE_OPTIONS: `--require ${hideNativeEngine(place)}` };
    const { code, stderr } = await place.run(['resume', 'engine'], env);
    expect(code).toBe(5);
    expect(stderr).toContain('the checkpoint was computed with tensorflow, compiled, and this is wasm');
  });

  it('another text', async () => {
    copyOfStopped('text');
    const file = join(place.path, 'text.txt');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('whale', 'wolf'));
    const { code, stderr } = await place.run(['resume', 'text']);
    writeFileSync(file, text);
    expect(code).toBe(2);
    expect(stderr).toContain('the text is not the one that training began with');
  });

  it('a folder that is not an experiment’s', async () => {
    const { code, stderr } = await place.run(['resume', 'nothing', '--json']);
    expect(code).toBe(2);
    expect(stderr).toBe('');
  });
});
