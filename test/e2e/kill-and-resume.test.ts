import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workspace } from './command.js';
import { lossColumns } from './lasting-columns.js';

/** 3 where time is short; `SOAP_BENCH_KILLS=20` for more. Another seed, other moments. */
const kills = Number(process.env.SOAP_BENCH_KILLS ?? 3);
const seed = Number(process.env.SOAP_BENCH_KILL_SEED ?? 2);
const steps = 150;

let place: Workspace;
beforeAll(() => {
  place = new Workspace();
  writeFileSync(
    join(place.path, 'kill.yaml'),
    // Two microbatches a step, evaluations in a shape of their own, checkpoints off the grid of evaluations.
    `model: { n_layer: 1, d_model: 16, n_head: 2, context: 16 }
data: { corpus: text.txt, tokenizer: byte }
train:
  steps: ${steps}
  batch_tokens: 128
  microbatch_tokens: 64
  eval_every: 20
  eval_tokens: 48
  checkpoint_every: 7
  schedule: { name: cosine, warmup_steps: 20 }
optimizers:
  soap: { lr: 3e-3, precondition_frequency: 4 }
`,
  );
});
afterAll(() => {
  place.remove();
});

describe(`after ${kills} kills of all processes`, () => {
  it.each([
    ['an experiment', 1, []],
    ['a sweep with two tasks at once', 3, ['seeds=0,1,2', '--jobs', '2']],
  ])('%s has the rows of one that was left alone', async (_, runs, more) => {
    const [whole, killed] = [`whole-${runs}`, `killed-${runs}`];
    expect((await place.run(['run', 'kill.yaml', ...more, '--output', whole])).code).toBe(0);
    const random = randomNumbers();
    const run = ['run', 'kill.yaml', ...more, '--output', killed];
    const resume = ['resume', killed, ...more.filter((word) => !word.startsWith('seeds'))];
    let words = run;
    for (let kill = 1; kill <= kills; kill++) {
      const { child, finished } = place.start(words, {}, true);
      // One in four dies while it starts, the others in a stretch of the rows of their own.
      const target = random() < 0.25 ? 0 : Math.ceil((runs * steps * (kill - random())) / kills);
      if (target === 0) await sleep(random() * 6000);
      while (rowsOf(killed) < target && child.exitCode === null) await sleep(3);
      await sleep(random() * 8);
      process.stdout.write(`kill ${kill}: at row ${rowsOf(killed)}\n`);
      if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL');
      await finished;
      // Killed before there was a folder, it has to be run again.
      words = isBegun(killed) ? resume : run;
    }
    const { code, stderr } = await place.run(words);
    expect(code, stderr).toBe(0);
    expect(place.list(killed, 'runs')).toEqual(place.list(whole, 'runs'));
    for (const id of place.list(whole, 'runs')) {
      expect(lossColumns(place, killed, id)).toEqual(lossColumns(place, whole, id));
      expect(place.csv(killed, 'runs', id, 'metrics.csv')).toHaveLength(steps);
    }
  });
});

function randomNumbers(): () => number {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

/** Whether `resume` knows what to do. */
function isBegun(folder: string): boolean {
  return ['config.yaml', 'tasks.json'].some((file) => existsSync(join(place.path, folder, file)));
}

/** Whole rows that the runs of a folder have written. */
function rowsOf(folder: string): number {
  if (!existsSync(join(place.path, folder, 'runs'))) return 0;
  const files = place.list(folder, 'runs').map((id) => join(place.path, folder, 'runs', id, 'metrics.csv'));
  const rows = (file: string) => Math.max(0, readFileSync(file, 'utf8').split('\n').length - 2);
  return files.filter((file) => existsSync(file)).reduce((sum, file) => sum + rows(file), 0);
}
