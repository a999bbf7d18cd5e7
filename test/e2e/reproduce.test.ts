import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figures } from '../../src/reproduce/figures.js';
import { nvidiaDriver } from '../../src/engine/setup/system.js';
import { Workspace } from './command.js';

let place: Workspace;
beforeAll(() => {
  place = new Workspace();
  writeFileSync(
    join(place.path, 'mini.yaml'),
    `model: { n_layer: 1, d_model: 16, n_head: 2, context: 16 }
data: { corpus: text.txt, tokenizer: byte }
train:
  steps: 12
  batch_tokens: 128
  eval_every: 4
  eval_tokens: 128
  checkpoint_every: 2
  schedule: { warmup_steps: 2 }
engine: wasm
`,
  );
});
afterAll(() => {
  place.remove();
});

const mini = ['mini.yaml', '~data.vocab_size'];
const frequencies = 'optimizers.soap.precondition_frequency=[1,10]';
const quick = ['--profile', 'quick', '--output', 'out'];
// Two rates of AdamW, and two of SOAP at each of two frequencies.
const frequency = ['reproduce', 'frequency', ...mini, frequencies, '~optimizers.shampoo', ...quick];
const often = 'optimizers.soap.precondition_frequency=[10]';
const methods = ['reproduce', 'eigh-vs-qr', ...mini, often, '~optimizers.soap-eigh', ...quick];

const runs = (figure: string) => place.list('out', figure, '360m', 'runs');
const startOf = (figure: string, id: string) =>
  (JSON.parse(place.read('out', figure, '360m', 'runs', id, 'status.json')) as { started_at: string }).started_at;

describe('reproduce', () => {
  it('lists the figures', async () => {
    const { code, stdout } = await place.run(['reproduce', 'list']);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(2).map((line) => line.split(' ')[0])).toEqual(figures.map(({ id }) => id));
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    const json = await place.run(['reproduce', 'list', '--json']);
    expect(JSON.parse(json.stdout)).toEqual({ figures: JSON.parse(JSON.stringify(figures)) as unknown });
  });

  it.each([
    [['reproduce', 'headlin'], /there is no figure "headlin", expected one of headline, .* did you mean "headline"\?/],
    [['reproduce', 'galore', 'seeds=0'], /a figure with changes of your own needs a folder of its own/],
    [['reproduce', 'overhead', '--protocol', 'strong'], /overhead trains nothing/],
    [['reproduce', 'headline', '--scale', '2'], /It must be a fraction such as 1\/8/],
    [['reproduce', 'headline', '--scale', '1/7'], /model\.scale=1\/7/],
  ])(
    'refuses %j',
    async (words, message) => {
      const { code, stdout, stderr } = await place.run(words);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(message);
      expect(existsSync(join(place.path, 'results'))).toBe(false);
    },
    60_000,
  );

  it.runIf(nvidiaDriver() === null)(
    'says what the full profile takes, and refuses it without a GPU',
    async () => {
      const { code, stderr } = await place.run(['reproduce', 'headline', 'overhead', '--profile', 'full']);
      expect(code).toBe(2);
      // At least three optimizers × (5 rates, 4 shorter lengths with three rates each, and 5 lengths with the reported seed).
      expect(stderr).toMatch(
        /headline 360m: at least 66 runs of 367,\d{3},\d{3} parameters, \d+ billion tokens in all/,
      );
      expect(stderr).toMatch(/overhead 360m: steps are timed/);
      expect(stderr).toContain('--yes');
    },
    60_000,
  );

  it('shows the equal run lines and their tasks, and writes no results', async () => {
    const { code, stdout, stderr } = await place.run([...frequency, '--dry-run', '--json']);
    expect(code, stderr).toBe(0);
    expect(stderr).toBe('');
    const { figures: listed } = JSON.parse(stdout) as { figures: { experiments: Record<string, unknown>[] }[] };
    expect(listed).toHaveLength(1);
    expect(listed[0]).toMatchObject({ figure: 'frequency', folder: 'out/frequency-quick', profile: 'quick' });
    const [experiment] = listed[0]!.experiments;
    expect(experiment).toMatchObject({ experiment: '360m', pending: 6, tasks_least: 9, tasks_most: 9 });
    expect(experiment!.command).toMatch(
      /^npx soap-bench run \S+frequency-360m\.yaml \S+frequency-360m\.yaml mini\.yaml /,
    );
    expect(existsSync(join(place.path, 'out'))).toBe(false);
  });

  it('trains, goes on after a kill with the same words, and holds the answer against the paper', async () => {
    const { child, finished } = place.start(frequency, {}, true);
    const begun = join(place.path, 'out', 'frequency-quick', '360m', 'runs');
    while (!existsSync(begun) || runs('frequency-quick').length < 3) {
      if (child.exitCode !== null) break;
      await sleep(20);
    }
    process.kill(-child.pid!, 'SIGKILL');
    await finished;
    const hasFinished = (id: string) => {
      const status = join(begun, id, 'status.json');
      return existsSync(status) && readFileSync(status, 'utf8').includes('"finished"');
    };
    const [first] = runs('frequency-quick').filter(hasFinished);
    const before = startOf('frequency-quick', first!);
    const { code, stdout, stderr } = await place.run(frequency);
    expect(code, stderr).toBe(0);
    expect(startOf('frequency-quick', first!)).toBe(before);
    expect(place.csv('out', 'frequency-quick', '360m', 'tuning.csv')).toHaveLength(6);
    expect(JSON.parse(place.read('out', 'frequency-quick', 'figure.json'))).toMatchObject({
      figure: 'frequency',
      profile: 'quick',
      protocol: 'paper',
      scale: null,
      experiments: ['360m'],
      changes: [...mini, frequencies, '~optimizers.shampoo'],
    });
    expect(place.csv('out', 'frequency-quick', '360m', 'step_times.csv')).toHaveLength(3);
    expect(stdout).toContain('- SOAP ends below AdamW at every frequency from 1 to 100 (on figure 1)');
    expect(stdout).toContain('cannot be said: measured once, it has no interval');
    expect(stdout).toContain(join('out', 'frequency-quick', 'report', 'report.html'));
    expect(place.read('out', 'frequency-quick', 'report', 'report.html')).toContain('frequency mini.yaml');
  });

  it('trains and times nothing again', async () => {
    const times = place.read('out', 'frequency-quick', '360m', 'step_times.csv');
    const starts = runs('frequency-quick').map((id) => startOf('frequency-quick', id));
    const { code, stdout, stderr } = await place.run([...frequency, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    expect(place.read('out', 'frequency-quick', '360m', 'step_times.csv')).toBe(times);
    expect(runs('frequency-quick').map((id) => startOf('frequency-quick', id))).toEqual(starts);
    const { figures: results } = JSON.parse(stdout) as { figures: { claims: Record<string, unknown>[] }[] };
    expect(results[0]).toMatchObject({ figure: 'frequency', experiments: [{ experiment: '360m' }] });
    const [first] = results[0]!.claims;
    expect(first).toMatchObject({ experiment: '360m', n: 1, verdict: 'cannot be said' });
    expect(first!.value).toBeTypeOf('number');
  });

  it('takes over what another figure has trained', async () => {
    const { code, stderr } = await place.run(methods);
    expect(code, stderr).toBe(0);
    // What is tried first, then what was chosen.
    for (const count of [4, 2]) expect(stderr).toContain(`reused from out/frequency-quick/360m: ${count} runs`);
    expect(stderr).toContain('nothing left to train');
    expect(runs('eigh-vs-qr-quick')).toHaveLength(6);
    for (const id of runs('eigh-vs-qr-quick')) {
      expect(startOf('eigh-vs-qr-quick', id)).toBe(startOf('frequency-quick', id));
    }
  });

  it('times the steps of a figure that trains nothing', async () => {
    const some = ['optimizers.soap.precondition_frequency=[10]', '~optimizers.shampoo'];
    const { code, stdout, stderr } = await place.run(['reproduce', 'overhead', ...mini, ...some, ...quick]);
    expect(code, stderr).toBe(0);
    expect(place.csv('out', 'overhead-quick', '360m', 'step_times.csv')).toHaveLength(2);
    expect(stdout).toContain('overhead: Step time over');
  });

  it('refuses a folder that was begun with another configuration', async () => {
    const { code, stderr } = await place.run([...frequency, 'train.steps=13']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/was begun with another configuration:\n {2}train\.steps: 12 before, 13 now/);
  });
});
