import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CheckpointRecord, CheckpointTensors } from '../../src/results/checkpoint.js';
import { Checkpoints } from '../../src/results/checkpoints.js';
import { tinyDisk } from '../support/tiny-disk.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-checkpoints-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const recordAt = (step: number): CheckpointRecord => ({


  format: 1,
step,
tokens: 16 * step,
microbatches: step,
train_time_s: 0.1 * step,
eval_time_s: 0,
  refresh_failures: { total: 0, in_a_row: 0, last_step: 0 },
  metrics_bytes: 100 * step,
eval_bytes: 10 * step,
soap_bench: '0.0.0',
dataset: 'abc',
config: { seed: 1 },
  engine: { name: 'cpu', version: '1', device: 'x', threads: 1, compiled: false, xla: false },
});

/** Weights and state that tell the step they are of. */
const tensorsAt = (step: number, size = 4): CheckpointTensors => ({
  weights: { 'a.weight': [size] },
  state: { 'a.weight/m': [size], 'a.weight/v': [size] },
  weight: () => Promise.resolve(new Float32Array(size).fill(step)),
  optimizerState: (name) => Promise.resolve(new Float32Array(size).fill(name.endsWith('m') ? -step : step / 3)),
});

async function saved(steps: readonly number[], keep = 2): Promise<Checkpoints> {
  const checkpoints = new Checkpoints(folder);
  for (const step of steps) await checkpoints.save(recordAt(step), tensorsAt(step), keep);
  return checkpoints;
}

/** The newest one that can be used, and what was said of others. */
function newest(
  checkpoints: Checkpoints,
  problemOf: (record: CheckpointRecord) => string | undefined = () => undefined,
) {
  const said: string[] = [];
  const checkpoint = checkpoints.newest(
    problemOf,
    () => join(folder, 'aside'),
    (line) => said.push(line),
  );
  return { checkpoint, said };
}

describe('the checkpoints of a run', () => {
  it('are as many as are kept, and come back as they were', async () => {
    const checkpoints = await saved([1, 5, 20]);
    expect(readdirSync(folder).sort()).toEqual(['step-000005', 'step-000020']);
    const { checkpoint, said } = newest(checkpoints);
    expect(said).toEqual([]);
    expect(checkpoint!.record).toEqual(recordAt(20));
    expect([...checkpoint!.weights()]).toEqual([['a.weight', { shape: [4], values: new Float32Array(4).fill(20) }]]);
    expect(Object.fromEntries(checkpoint!.optimizerState())).toEqual({
      'a.weight/m': { shape: [4], values: new Float32Array(4).fill(-20) },
      'a.weight/v': { shape: [4], values: new Float32Array(4).fill(20 / 3) },
    });
  });

  it('are none in a folder that is not there', () => {
    expect(newest(new Checkpoints(join(folder, 'nothing')))).toEqual({ checkpoint: undefined, said: [] });
  });

  it.each(['model.safetensors', 'optimizer.safetensors', 'checkpoint.json', 'SHA256SUMS'])(
    'are not used when any byte of %s has been flipped, and the one before is',
    async (file) => {
      const checkpoints = await saved([10]);
      const { length } = readFileSync(join(folder, 'step-000010', file));
      for (const [i, at] of [0, length >> 1, length - 2].entries()) {
        const step = 20 + i;
        await saved([step]);
        const path = join(folder, `step-0000${step}`, file);
        const bytes = readFileSync(path);
        bytes[at]! ^= 4;
        writeFileSync(path, bytes);
        const { checkpoint, said } = newest(checkpoints);
        expect(checkpoint?.record.step, `byte ${at}`).toBe(10);
        expect(said).toHaveLength(1);
        expect(said[0]).toMatch(/is damaged and not used: .*not the bytes that were written/);
        expect(checkpoints.steps).toEqual([10]);
      }
    },
  );

  it('are not used when a file is cut or missing', async () => {
    const checkpoints = await saved([1, 2, 3], 3);
    truncateSync(join(folder, 'step-000003', 'optimizer.safetensors'), 40);
    rmSync(join(folder, 'step-000002', 'checkpoint.json'));
    const { checkpoint, said } = newest(checkpoints);
    expect(checkpoint?.record.step).toBe(1);
    expect(said).toHaveLength(2);
  });

  it('are not used when the run says that they do not fit', async () => {
    const checkpoints = await saved([1, 2]);
    const { checkpoint, said } = newest(checkpoints, ({ step }) => (step === 2 ? 'no rows' : undefined));
    expect(checkpoint?.record.step).toBe(1);
    const aside = join(folder, 'aside', 'checkpoints');
    expect(said).toEqual([`the checkpoint of step 2 is set aside in ${aside}: no rows`]);
    expect(readdirSync(join(aside, 'step-000002'))).toContain('model.safetensors');
  });

  it('are not what a killed process was writing or removing, which the next one clears away', async () => {
    const checkpoints = await saved([1]);
    for (const name of ['.writing-7', '.removing-7-3']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'model.safetensors'), 'half');
    }
    expect(newest(checkpoints).checkpoint?.record.step).toBe(1);
    await saved([2]);
    expect(readdirSync(folder).sort()).toEqual(['step-000001', 'step-000002']);
  });

  const disk = tinyDisk(64);
  it.skipIf(disk === undefined)('stay as they are when the disk is full', async () => {
    const checkpoints = new Checkpoints(join(disk!.path, 'checkpoints'));
    try {
      await checkpoints.save(recordAt(1), tensorsAt(1), 2);
      const tooMuch = checkpoints.save(recordAt(2), tensorsAt(2, 20_000), 2);
      await expect(tooMuch).rejects.toMatchObject({ code: 'disk_full' });
      expect(readdirSync(join(disk!.path, 'checkpoints'))).toEqual(['step-000001']);
      expect(newest(checkpoints).checkpoint?.record.step).toBe(1);
    } finally {
      disk!.remove();
    }
  });
});
