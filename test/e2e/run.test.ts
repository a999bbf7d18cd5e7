import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Startup } from '../../src/results/environment.js';
import { hideNativeEngine, Workspace } from './command.js';

let place: Workspace;
beforeAll(() => {
  place = new Workspace();
});
afterAll(() => {
  place.remove();
});

describe('soap-bench run', () => {
  it('trains every optimizer on the native engine, writes its files and compares them', async () => {
    const { code, stdout, stderr } = await place.run([
      'run',
      'tiny.yaml',
      '--engine',
      'tensorflow',
      '--output',
      'native',
    ]);
    expect(stderr).not.toMatch(/oneDNN|absl|cuda|Hi, looks like/i);
    expect(stderr).toContain('engine tensorflow');
    expect(code).toBe(0);
    for (const label of ['adamw', 'shampoo', 'soap']) {
      expect(stdout).toContain(label);
      expect(place.list('native', 'runs', label)).toEqual([
        'SHA256SUMS',
        'checkpoints',
        'config.yaml',
        'dataset.json',
        'environment.json',
        'eval.csv',
        'log.txt',
        'metrics.csv',
        'startup.json',
        'status.json',
      ]);
      const rows = place.csv('native', 'runs', label, 'metrics.csv');
      expect(rows.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => String(i + 1)));
      expect(Number(rows.at(-1)!.loss)).toBeLessThan(Number(rows[0]!.loss));
      // No leak: after the optimizer's first calls the number of tensors stays as it is.
      expect(new Set(rows.slice(5).map(({ tensors }) => tensors)).size).toBe(1);
      const evaluations = place.csv('native', 'runs', label, 'eval.csv');
      expect(evaluations.map(({ step }) => step)).toEqual(['0', '4', '8', '12']);
      expect(rows.at(-1)!.refresh_failures).toBe('0');
      // Bases are watched from the first evaluation on that comes after the first of them.
      const isKnown = evaluations.map(({ basis_error }) => Number(basis_error) < 1e-3);
      expect(isKnown).toEqual([false, ...Array<boolean>(3).fill(label === 'soap')]);
      const status = JSON.parse(place.read('native', 'runs', label, 'status.json')) as Record<string, number>;
      expect(status).toMatchObject({ state: 'finished', step: 12 });
      expect(status.optimizer_flops).toBeGreaterThan(status.parameters!);
      expect(status.paper_state_bytes).toBe(status.state_bytes);
      expect(status.flops_over_adamw! > 0).toBe(label !== 'adamw');
      expect(JSON.parse(place.read('native', 'runs', label, 'environment.json'))).toMatchObject({
        engine: 'tensorflow',
      });
      const startup = JSON.parse(place.read('native', 'runs', label, 'startup.json')) as Startup;
      expect(startup.tracing_s).toBeGreaterThan(0);
      expect(Object.keys(startup.first_runs_s)).toEqual(expect.arrayContaining(['evaluation', 'gradient']));
    }
    const summary = place.csv('native', 'summary.csv');
    expect(summary.map(({ label }) => label)).toEqual(['adamw', 'shampoo', 'soap']);
    expect(summary.find(({ label }) => label === 'adamw')).toMatchObject({ steps_to_target: '12', steps_ratio: '1' });
    expect(stdout).toContain(join('native', 'summary.csv'));
  });

  it('gives every optimizer the same weights and batches', () => {
    const first = (label: string) => place.csv('native', 'runs', label, 'metrics.csv')[0]!;
    expect(first('soap').loss).toBe(first('adamw').loss);
    expect(first('shampoo').loss).toBe(first('adamw').loss);
  });

  it('writes the same losses when run again from the configuration it wrote, and with --json one document', async () => {
    const { code, stdout, stderr } = await place.run([
      ...['run', join('native', 'config.yaml'), '--json', '--output', 'again'],
    ]);
    expect(code).toBe(0);
    for (const label of ['adamw', 'shampoo', 'soap']) {
      const losses = (folder: string) =>
        ['metrics.csv', 'eval.csv'].map((file) => place.csv(folder, 'runs', label, file).map(({ loss }) => loss));
      expect(losses('again')).toEqual(losses('native'));
    }
    // A busy machine is said in any case.
    expect(stderr.replace(/^warning: other programs .*\n.*\n/, '')).toBe('');
    const document = JSON.parse(stdout) as { rows: { label: string; final_loss: number }[] };
    expect(document.rows.map(({ label }) => label)).toEqual(['adamw', 'shampoo', 'soap']);
    expect(document.rows.every(({ final_loss }) => final_loss > 0)).toBe(true);
  });

  it('computes the same with --no-compile, operation by operation, and another thing with another seed', async () => {
    const losses = (folder: string) =>
      place.csv(folder, 'runs', 'adamw', 'metrics.csv').map(({ loss }) => Number(loss));
    const words = ['run', 'tiny.yaml', '--engine', 'tensorflow', '~optimizers.soap', '~optimizers.shampoo'];
    expect((await place.run([...words, '--no-compile', '--output', 'eager'])).code).toBe(0);
    const compiledFlag = (folder: string) =>
      (JSON.parse(place.read(folder, 'runs', 'adamw', 'environment.json')) as { compiled: boolean }).compiled;
    expect([compiledFlag('native'), compiledFlag('eager')]).toEqual([true, false]);
    losses('eager').forEach((loss, i) => {
      expect(loss).toBeCloseTo(losses('native')[i]!, 4);
    });
    expect((await place.run([...words, 'seed=1', 'train.steps=4', '--output', 'seed1'])).code).toBe(0);
    expect(losses('seed1')[0]).not.toBe(losses('native')[0]);
  });

  it('adds up microbatches to the same step', async () => {
    const words = ['run', 'tiny.yaml', '--engine', 'tensorflow', '~optimizers.soap', '~optimizers.shampoo'];
    expect((await place.run([...words, 'train.microbatch_tokens=32', '--output', 'parts'])).code).toBe(0);
    const losses = (folder: string) =>
      place.csv(folder, 'runs', 'adamw', 'metrics.csv').map(({ loss }) => Number(loss));
    losses('parts').forEach((loss, i) => {
      expect(loss).toBeCloseTo(losses('native')[i]!, 4);
    });
  });

  it('writes nothing with --dry-run', async () => {
    const before = place.list();
    const { code, stdout } = await place.run(['run', 'tiny.yaml', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('n_layer: 1');
    expect(stdout).toMatch(/3 runs:/);
    expect(place.list()).toEqual(before);
    const json = JSON.parse((await place.run(['run', 'tiny.yaml', '--dry-run', '--json'])).stdout) as {
      runs: unknown[];
    };
    expect(json.runs).toHaveLength(3);
  });

  it('refuses a folder that already holds files', async () => {
    writeFileSync(join(place.path, 'taken.txt'), 'mine');
    const { code, stderr } = await place.run(['run', 'tiny.yaml', '--output', '.']);
    expect(code).toBe(2);
    expect(stderr).toContain('. already holds files');
    expect(existsSync(join(place.path, 'summary.csv'))).toBe(false);
  });

  it('ends with 2 and the line of the offending key', async () => {
    const { code, stderr } = await place.run(['run', 'tiny.yaml', 'optimizers.soap.lr=fast']);
    expect(code).toBe(2);
    expect(stderr).toContain('optimizers.soap.lr=fast: found "fast", expected a number > 0 (tiny.yaml:12');
  });

  it('ends with 2 when the context is longer than the text, before anything is trained', async () => {
    const { code, stderr } = await place.run([
      'run',
      'tiny.yaml',
      'model.context=4096',
      'train.batch_tokens=4096',
      '--output',
      'long',
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/4096/);
    expect(existsSync(join(place.path, 'long'))).toBe(false);
  });

  it('records a diverged run as infinite and ends with 4', async () => {
    const { code, stdout, stderr } = await place.run([
      ...['run', 'tiny.yaml', '--engine', 'wasm', '~optimizers.shampoo', 'optimizers.soap.lr=1e6'],
      ...['--output', 'diverged'],
    ]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/soap diverged/);
    expect(stdout).toContain('diverged');
    const summary = place.csv('diverged', 'summary.csv');
    expect(summary.find(({ label }) => label === 'soap')).toMatchObject({
      state: 'diverged',
      final_loss: 'inf',
      steps_to_target: 'inf',
    });
    expect(summary.find(({ label }) => label === 'adamw')).toMatchObject({ state: 'finished' });
  });

  it('says `not reached` of a missed target, and ends with 3 when asked to', async () => {
    const words = ['run', 'tiny.yaml', '--engine', 'wasm', '~optimizers.shampoo', '~optimizers.soap', 'target=0.01'];
    const missed = await place.run([...words, '--output', 'missed']);
    expect(missed.code).toBe(0);
    expect(missed.stdout).toContain('not reached');
    expect((await place.run([...words, '--require-target', '--output', 'required'])).code).toBe(3);
  });

  it('ends a run at the target when told to', async () => {
    const words = [
      'run',
      'tiny.yaml',
      'target=5.4',
      'train.stop_at_target=true',
      '~optimizers.shampoo',
      '~optimizers.soap',
    ];
    const { code, stdout } = await place.run([...words, 'optimizers.adamw.lr=0.01', '--output', 'early']);
    expect(code, stdout).toBe(0);
    const status = JSON.parse(place.read('early', 'runs', 'adamw', 'status.json')) as { state: string; step: number };
    expect(status.state).toBe('stopped_at_target');
    expect(status.step).toBeLessThan(12);
  });

  it('falls back to wasm with one line when the native engine does not load', async () => {
    const env = { NODE_OPTIONS: `--require ${hideNativeEngine(place)}` };
    const { code, stderr } = await place.run(['run', 'tiny.yaml', 'train.steps=4', '--output', 'fallback'], env);
    expect(code).toBe(0);
    expect(stderr.match(/libtensorflow\.so\.2: cannot open/g)).toHaveLength(1);
    expect(stderr).toContain('soap-bench setup');
    expect(stderr).toContain('engine wasm');
    const asked = await place.run(['run', 'tiny.yaml', '--engine', 'tensorflow', '--output', 'asked'], env);
    expect(asked.code).toBe(6);
  });

  describe('when it is stopped', () => {
    const long = ['run', 'tiny.yaml', 'train.steps=100000', 'train.eval_every=50'];

    it('writes what is there on Ctrl-C and says so', async () => {
      const { child, finished } = place.start([...long, '--output', 'interrupted']);
      await untilSteps('interrupted', 'adamw');
      child.kill('SIGINT');
      const { code, stdout, stderr } = await finished;
      expect(code).toBe(130);
      expect(stderr).toContain('stopping after this step');
      expect(stdout).toContain('interrupted');
      const status = JSON.parse(place.read('interrupted', 'runs', 'adamw', 'status.json')) as {
        state: string;
        step: number;
      };
      expect(status.state).toBe('interrupted');
      const rows = place.csv('interrupted', 'runs', 'adamw', 'metrics.csv');
      expect(Number(rows.at(-1)!.step)).toBe(status.step);
      expect(existsSync(join(place.path, 'interrupted', 'runs', 'soap'))).toBe(false);
      expect(place.csv('interrupted', 'summary.csv')).toHaveLength(3);
    });

    it('tries a run again that is killed, and when that is killed, too, goes on with the others and ends with 5', async () => {
      const words = ['run', 'tiny.yaml', 'train.steps=400', 'train.eval_every=50'];
      const { finished } = place.start([...words, '--output', 'killed']);
      await untilSteps('killed', 'adamw');
      const pid = () => (JSON.parse(place.read('killed', 'runs', 'adamw', 'status.json')) as { pid: number }).pid;
      const first = pid();
      process.kill(first, 'SIGKILL');
      while (pid() === first) await sleep(20);
      process.kill(pid(), 'SIGKILL');
      const { code, stdout, stderr } = await finished;
      expect(code).toBe(5);
      expect(stderr).toMatch(/adamw: its process was killed by SIGKILL at step \d+; it is tried once more/);
      expect(stderr).toMatch(/adamw failed: its process was killed by SIGKILL/);
      expect(stdout).toContain('failed');
      expect(place.csv('killed', 'runs', 'adamw', 'metrics.csv').length).toBeGreaterThan(0);
      const summary = place.csv('killed', 'summary.csv');
      expect(summary.map(({ state }) => state)).toEqual(['failed', 'finished', 'finished']);
    });
  });
});

/** Waits until a run has written some steps. */
async function untilSteps(folder: string, label: string): Promise<void> {
  const file = join(place.path, folder, 'runs', label, 'metrics.csv');
  while (!existsSync(file) || readFileSync(file, 'utf8').split('\n').length < 6) await sleep(50);
}
