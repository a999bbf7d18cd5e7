import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { parse as parseYaml } from 'yaml';
import { afterAll, describe, expect, it } from 'vitest';
import { loadExperiment, loadSweep, parseExperiment } from '../../src/config/load.js';
import { resolvedYaml } from '../../src/config/resolved-yaml.js';
import { failureOf } from '../report/helpers.js';

const folder = mkdtempSync(path.join(tmpdir(), 'soap-bench-config-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const full = path.join(folder, name);
  writeFileSync(full, text);
  return full;
}

const messageOf = (load: () => unknown) => failureOf(load).message.replaceAll(folder + path.sep, '');

const train = { steps: 20, batch_tokens: 1024, eval_every: 10, eval_tokens: 1024 };
const small = { model: { preset: '360m', scale: '1/8', context: 64 }, train, optimizers: { adamw: {}, soap: null } };

describe('parseExperiment', () => {
  it('fills in presets and defaults', () => {
    const config = parseExperiment(small);
    expect(config).toMatchObject({
      name: 'experiment',
      seed: 0,
      engine: 'auto',
      threads: 'auto',
      model: { n_layer: 3, d_model: 128, n_head: 2, context: 64, positions: 'rope', qk_norm: true },
      data: { corpus: 'sotu', tokenizer: 'gpt2', val_fraction: 0.05, shuffle: true },
      train: { microbatch_tokens: 1024, grad_clip: 1, schedule: { name: 'cosine', final_fraction: 0.1 } },
      baseline: 'adamw',
      target: 'baseline_final',
      // The values of the paper, from configs/optimizer/.
      optimizers: { adamw: { optimizer: 'adamw', betas: [0.95, 0.95], weight_decay: 1e-4 } },
    });
    expect(config.data).not.toHaveProperty('vocab_size');
  });

  it('calls a loss above three times that of guessing diverged', () => {
    expect(parseExperiment({ ...small, data: { vocab_size: 1024 } }).train.max_loss).toBe(20.8);
    expect(parseExperiment({ ...small, train: { ...train, max_loss: null } }).train.max_loss).toBeNull();
  });

  it('takes the first label as the baseline when there is no adamw', () => {
    expect(parseExperiment({ ...small, optimizers: { shampoo: {}, soap: {} } }).baseline).toBe('shampoo');
  });

  it('gives a label of its own the preset of its optimizer', () => {
    const { optimizers } = parseExperiment({ ...small, optimizers: { slow: { optimizer: 'shampoo', lr: 0.01 } } });
    expect(optimizers.slow).toMatchObject({ optimizer: 'shampoo', lr: 0.01, inverse_exponent: 0.4 });
    const { optimizers: others } = parseExperiment({ ...small, optimizers: { other: { preset: 'soap' } } });
    expect(others.other).toMatchObject({ optimizer: 'soap', weight_decay: 1e-4 });
  });

  it.each([
    ['210m', '1/2', { n_layer: 6, d_model: 512, n_head: 8 }],
    ['360m', 0.125, { n_layer: 3, d_model: 128, n_head: 2 }],
    ['360m', '1/4', { n_layer: 6, d_model: 256, n_head: 4 }],
    ['360m', '1/2', { n_layer: 12, d_model: 512, n_head: 8 }],
    ['660m', '1/8', { n_layer: 3, d_model: 176, n_head: 4 }],
    ['660m', '1/4', { n_layer: 6, d_model: 352, n_head: 8 }],
    ['660m', 1, { n_layer: 24, d_model: 1408, n_head: 22 }],
  ])('shrinks %s by %s', (preset, scale, shape) => {
    expect(parseExperiment({ ...small, model: { preset, scale, context: 64 } }).model).toMatchObject(shape);
  });

  it('names the path alone when there is no file', () => {
    expect(messageOf(() => parseExperiment({ ...small, seed: -1 }))).toBe(
      'seed: found -1, expected a whole number ≥ 0.',
    );
    expect(messageOf(() => parseExperiment([small]))).toBe('found no mapping, expected the keys of an experiment.');
  });
});

describe('loadExperiment', () => {
  const base = file('My base.yaml', resolvedYamlOf(small));
  const load = (files: string[], overrides: string[] = []) => loadExperiment({ files, overrides });

  it('merges files from left to right, and words over them', () => {
    const top = file('top.yaml', 'train: { steps: 30 }\nmodel: 660m\noptimizers: { soap: { lr: 0.1 } }\n');
    const config = load([base, top], ['train.steps=40']);
    expect(config.train).toMatchObject({ steps: 40, batch_tokens: 1024 });
    // A preset by name changes the preset and leaves scale and context.
    expect(config.model).toMatchObject({ d_model: 176, context: 64 });
    expect(Object.keys(config.optimizers)).toEqual(['adamw', 'soap']);
    expect(config.optimizers.soap).toMatchObject({ lr: 0.1 });
  });

  it('takes what looks like a number for text where text is meant, unless it is in quotes', () => {
    for (const name of ['20260913', '0123', '1e5', 'true', '0x1f']) {
      expect(load([base, file('named.yaml', `name: ${name}\n`)]).name).toBe(name);
    }
    expect(messageOf(() => load([base, file('named.yaml', 'seed: "0123"\n')]))).toContain('named.yaml:1:7: seed: ');
  });

  it('calls an experiment after its last file', () => {
    expect(load([base]).name).toBe('my-base');
    expect(load([base, file('top.yaml', 'seed: 1\n')]).name).toBe('top');
  });

  it('understands anchors, and refuses one that holds itself', () => {
    const shared = file('shared.yaml', 'optimizers: { soap: &o { lr: 0.5 }, adamw: *o }\n');
    expect(load([base, shared]).optimizers.adamw).toMatchObject({ lr: 0.5 });
    const circle = file('circle.yaml', 'model: &m\n  preset: *m\n');
    expect(messageOf(() => load([circle]))).toBe(
      'circle.yaml:2:11: model.preset: found *m, expected the name of an anchor above.',
    );
  });

  it('says which files are near one that is not there', () => {
    const missing = (name: string) => messageOf(() => load([path.join(folder, name)]));
    expect(missing('my bse.yaml')).toContain('my bse.yaml: no such file. did you mean "My base.yaml"?');
    expect(missing('q.yaml')).toMatch(/^q\.yaml: no such file\. .* holds My base\.yaml, .*top\.yaml\.$/);
    expect(missing('nowhere/q.yaml')).toMatch(/no such file\. The folder .*nowhere does not exist either\.$/);
    expect(messageOf(() => load([folder]))).toContain('found a folder, expected a YAML file.');
    expect(messageOf(() => load([]))).toBe(
      'found no YAML file, expected one such as mine.yaml, or a name such as quickstart (`soap-bench config list`).',
    );
  });

  it('lists the mistakes of all files together', () => {
    const bad = [file('a.yaml', '[1'), file('b.yaml', '')];
    expect(messageOf(() => load(bad))).toMatch(
      /^2 mistakes:\na\.yaml:1:3: not valid YAML: [^]*\nb\.yaml: found an empty/,
    );
  });

  it.each(['configs/quickstart.yaml', ...readdirSync('configs/examples').map((name) => `configs/examples/${name}`)])(
    'accepts %s',
    (shipped) => {
      const { config } = loadSweep({ files: [shipped], overrides: ['data.corpus=sotu'] });
      expect(Object.keys(config.optimizers)).toContain(config.baseline);
    },
  );

  it('accepts every preset that ships', () => {
    for (const model of readdirSync('configs/model'))
      load([base], [`model=${path.parse(model).name}`, 'model.scale=1/4']);
    for (const data of readdirSync('configs/data')) load([base], [`data=${path.parse(data).name}`]);
    for (const preset of readdirSync('configs/optimizer'))
      load([base], [`optimizers.x.preset=${path.parse(preset).name}`]);
  });
});

describe('resolvedYaml', () => {
  const rate = fc.double({ min: 1e-12, max: 10, noNaN: true });
  const share = fc.double({ min: 0, max: 0.999, noNaN: true });
  const schedule = fc.oneof(
    fc.record({ name: fc.constant('constant'), warmup_steps: fc.nat(20) }),
    fc.record({ name: fc.constant('wsd'), decay_fraction: fc.double({ min: 0.01, max: 1, noNaN: true }) }),
    fc.record({ name: fc.constantFrom('linear', 'cosine'), final_fraction: share }),
  );
  const experiment = fc.record({
    name: fc.constantFrom('a', '1e3', 'null', '0x10', 'true', '3.5', 'a-b_c.d'),
    seed: fc.nat(),
    threads: fc.oneof(fc.constant('auto'), fc.integer({ min: 1, max: 64 })),
    target: fc.oneof(fc.constant('baseline_final'), rate),
    model: fc.record({
      preset: fc.constantFrom('360m', '660m'),
      scale: fc.constantFrom('1/8', 0.25),
      context: fc.constant(64),
    }),
    data: fc.oneof(
      fc.record({ tokenizer: fc.constant('byte'), shuffle: fc.boolean() }),
      fc.record({ tokenizer: fc.constant('gpt2'), vocab_size: fc.integer({ min: 257, max: 50257 }) }),
      fc.record({ corpus: fc.constantFrom('my text/é.txt', '1790', '~', 'no') }),
    ),
    train: fc.record({
      steps: fc.integer({ min: 20, max: 1e6 }),
      batch_tokens: fc.constantFrom(512, 1024),
      microbatch_tokens: fc.constantFrom(256, 512),
      eval_every: fc.integer({ min: 1, max: 100 }),
      eval_tokens: fc.integer({ min: 64, max: 1e6 }),
      grad_clip: fc.option(rate),
      max_loss: fc.option(rate),
      schedule,
    }),
    optimizers: fc.dictionary(
      fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/),
      fc.oneof(
        fc.record({ optimizer: fc.constant('adamw'), lr: rate, betas: fc.tuple(share, share), weight_decay: rate }),
        fc.record({ optimizer: fc.constant('soap'), lr: rate, eps: rate, shampoo_beta: fc.option(share) }),
        fc.record({ optimizer: fc.constant('shampoo'), lr: rate, epsilon: rate, grafting_beta2: fc.option(share) }),
      ),
      { minKeys: 1, maxKeys: 3 },
    ),
  });

  it('writes a value out wherever it is used', () => {
    const config = parseExperiment(small);
    config.optimizers.again = config.optimizers.soap!;
    expect(resolvedYaml(config)).not.toMatch(/[&*]/);
  });

  it('gives back the same configuration when it is read again', () => {
    fc.assert(
      fc.property(experiment, (value) => {
        const config = parseExperiment(value);
        const text = resolvedYaml(config);
        expect(parseYaml(text)).toEqual(config);
        const again = parseExperiment(parseYaml(text));
        expect(again).toEqual(config);
        expect(resolvedYaml(again)).toBe(text);
        // The made-up corpora are not there to be loaded from a file.
        config.data.corpus = 'sotu';
        const files = [file('again.yaml', resolvedYaml(config))];
        expect(loadExperiment({ files, overrides: [] })).toEqual(config);
      }),
      { numRuns: 60 },
    );
  });
});

/** The value as YAML; every JSON document is one. */
function resolvedYamlOf(value: unknown): string {
  return JSON.stringify(value);
}
