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
const steps = 400;

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
  eval_every: 50
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

describe('an experiment that is killed again and again', () => {
  it(
    `has the rows of one that was not, after ${kills} kills`,
    async () => {
      expect((await place.run(['run', 'kill.yaml', '--output', 'whole'])).code).toBe(0);
      const generator = xoroshiro128plus(seed);
      const random = () => uniformFloat64(generator);

      let words = ['run', 'kill.yaml', '--output', 'killed'];
      for (let kill = 1; kill <= kills; kill++) {
        const { child, finished } = place.start(words, {}, true);
        // One in four dies while it starts, the others in a stretch of the run of their own.
        const target = random() < 0.25 ? 0 : Math.ceil((steps * (kill - random())) / kills);
        if (target === 0) await sleep(random() * 6000);
        while (rows() < target && child.exitCode === null) await sleep(3);
        await sleep(random() * 8);
        process.stdout.write(`kill ${kill}: at row ${rows()}\n`);
        if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL');
        await finished;
        // Killed before there was a folder, it has to be run again.
        const isThere = existsSync(join(place.path, 'killed', 'config.yaml'));
        if (isThere) words = ['resume', 'killed'];
      }
      const { code, stderr } = await place.run(words);
      expect(code, stderr).toBe(0);
      expect(lossColumns(place, 'killed', 'soap')).toEqual(lossColumns(place, 'whole', 'soap'));
      expect(place.csv('killed', 'runs', 'soap', 'metrics.csv')).toHaveLength(steps);
    },
    (kills + 2) * 40_000,
  );
});

/** Whole rows that the run has written. */
function rows(): number {
  const file = join(place.path, 'killed', 'runs', 'soap', 'metrics.csv');
  return existsSync(file) ? Math.max(0, readFileSync(file, 'utf8').split('\n').length - 2) : 0;
}
