import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadExperiment, loadSweep } from '../../src/config/load.js';
import { splitWords } from '../../src/config/overrides.js';
import { failureOf } from '../report/helpers.js';

const file = 'test/config/overridden.yaml';
const at = (folder: string, ...overrides: string[]) =>
  loadExperiment({ files: [join(folder, file)], overrides }).data.corpus.slice(process.cwd().length + 1);
const load = (...overrides: string[]) => loadExperiment({ files: [file], overrides });

const messageOf = (load: () => unknown) => failureOf(load).message;

describe('splitWords', () => {
  it('tells overrides from files', () => {
    expect(splitWords(['a.yaml', 'train.steps=20', '~optimizers.soap', 'b.yaml'])).toEqual({
      files: ['a.yaml', 'b.yaml'],
      overrides: ['train.steps=20', '~optimizers.soap'],
    });
  });

  it('takes a path for a file, whatever is in it, and a file for a file', () => {
    const here = join(mkdtempSync(join(tmpdir(), 'words-')), 'lr=1e-3');
    mkdirSync(here);
    writeFileSync(join(here, 'config.yaml'), '');
    const paths = [
      join(here, 'config.yaml'),
      'runs/lr=1e-3/mistyped.yaml',
      './a=b',
      'C:\\runs\\a=b.yaml',
      '~/a=b.yaml',
    ];
    expect(splitWords(paths)).toEqual({ files: paths, overrides: [] });
    const values = ['data.corpus=a/b=c', `data.corpus=${here}/config.yaml`, 'data.corpus=C:\\a=b'];
    expect(splitWords(values)).toEqual({ files: [], overrides: values });
    const before = process.cwd();
    process.chdir(here);
    try {
      writeFileSync('seed=1', '');
      writeFileSync('~old.yaml', '');
      mkdirSync('seed=2');
      expect(splitWords(['seed=1', '~old.yaml', 'seed=2', 'seed=3'])).toEqual({
        files: ['seed=1', '~old.yaml'],
        overrides: ['seed=2', 'seed=3'],
      });
    } finally {
      process.chdir(before);
    }
  });
});

describe('an override', () => {
  it('sets a key to what it names', () => {
    expect(load('train.steps=30').train.steps).toBe(30);
    expect(load('optimizers.soap.lr=1e-3').optimizers.soap).toMatchObject({ lr: 1e-3 });
    expect(load('optimizers.soap.betas=[0.9, 0.99]').optimizers.soap).toMatchObject({ betas: [0.9, 0.99] });
    expect(load('train.grad_clip=null').train.grad_clip).toBeNull();
    expect(load('model.scale=1/4').model).toMatchObject({ d_model: 256, context: 64 });
  });

  it('reaches into what is written in short, and adds labels', () => {
    expect(load('data.vocab_size=1024').data).toMatchObject({ corpus: 'moby-dick', vocab_size: 1024 });
    const { optimizers } = load('optimizers.slow={optimizer: soap, lr: 0.1}', 'optimizers.shampoo.lr=0.2');
    expect(Object.keys(optimizers)).toEqual(['adamw', 'soap', 'slow', 'shampoo']);
  });

  it('is the text as it was typed where text is meant', () => {
    for (const name of ['20260913', '0123', '1e5', 'true', 'null', '0x1f', '007.5']) {
      expect(load(`name=${name}`).name).toBe(name);
      expect(load(`name="${name}"`).name).toBe(name);
      expect(
        load(`baseline=l${name.replace('.', '')}`, `optimizers.l${name.replace('.', '')}.optimizer=soap`).baseline,
      ).toBe(`l${name.replace('.', '')}`);
    }
    const here = mkdtempSync(join(tmpdir(), 'words-'));
    const before = process.cwd();
    const places = [
      'a #2',
      ' b ',
      '2024',
      '0123',
      'null',
      '~',
      'true',
      'yes',
      'C: d',
      "it's",
      '&e',
      '*f',
      '[g] h',
      'ü',
      '"i" j',
    ];
    try {
      process.chdir(here);
      for (const place of [...places, 'b']) writeFileSync(place, 'text');
      for (const place of places) expect(at(before, `data.corpus=${place}`)).toBe(place);
      for (const place of places) expect(at(before, `data={corpus: ${place}}`)).toBe(place.trim());
      const several = places.map((place) => place.trim());
      for (const list of [several.join(','), `[${several.join(', ')}]`]) {
        const { variants } = loadSweep({
          files: [join(before, file)],
          overrides: [`data.corpus=${list}`, '~optimizers.soap'],
        });
        expect(variants!.map(({ config }) => config.data.corpus.slice(process.cwd().length + 1))).toEqual(several);
      }
    } finally {
      process.chdir(before);
    }
  });

  it('removes a key', () => {
    expect(Object.keys(load('~optimizers.soap').optimizers)).toEqual(['adamw']);
    expect(load('~data').data.corpus).toBe('sotu');
  });

  it('follows the order of the words', () => {
    expect(load('train.steps=30', 'train.steps=40').train.steps).toBe(40);
    expect(load('~optimizers.soap', 'optimizers.soap.lr=1').optimizers.soap).toMatchObject({ lr: 1 });
  });

  it.each([
    [
      'optimizers.soap.lr=fast',
      'found "fast", expected a number > 0 (test/config/overridden.yaml:10:15 sets it to 0.003).',
    ],
    [
      'optimizers.soap.lr=3e-3,1e-3',
      'found [0.003, 0.001], expected a number > 0 (test/config/overridden.yaml:10:15 sets it to 0.003).',
    ],
    [
      'train.stpes=3',
      'found an unknown key, expected one of: steps, batch_tokens, microbatch_tokens, eval_every, eval_tokens, log_every, ' +
        'grad_clip, schedule, stop_at_target, max_loss, checkpoint_every, keep_checkpoints. did you mean "steps"?',
    ],
    ['seed=1.5', 'found 1.5, expected a whole number ≥ 0.'],
    [
      'model=361m',
      'model.preset: found "361m", expected one of the model presets: 210m, 360m, 660m ' +
        '(test/config/overridden.yaml:1:18 sets it to "360m"). did you mean "360m"?',
    ],
    [
      'optimizers.soap={lr: x}',
      'optimizers.soap.lr: found "x", expected a number > 0 (test/config/overridden.yaml:10:15 sets it to 0.003).',
    ],
    [
      'train.steps.more=1',
      'train.steps: found a mapping, expected a whole number from 1 to 100,000,000 (test/config/overridden.yaml:4:10 sets it to 20).',
    ],
    ['=3', 'found no key, expected a word such as train.steps=20.'],
    ['train..steps=3', 'found no key, expected a word such as train.steps=20.'],
    ['seed=', 'found no value, expected seed=value (null for none).'],
    ['optimizers.soap.betas=[0.9', 'found [ without its ], expected both, or quotes around text.'],
    ['seed=1,,2', 'found nothing between two commas, expected a value.'],
    ['optimizers.soap={lr: 1, lr: 2}', 'found the key lr a second time, expected it once.'],
    ['optimizers.soap={: 2}', 'found ": 2", expected key: value.'],
    [`seed=${'['.repeat(60)}${']'.repeat(60)}`, 'found more than 50 brackets in one another, expected fewer.'],
    ['~seed=1', 'found a value behind a key to remove, expected ~seed.'],
    [
      '~optimizers.sopa',
      'found no key "sopa" to remove, expected one of: adamw, soap (test/config/overridden.yaml:9:3). did you mean "soap"?',
    ],
  ])('%s', (word, message) => {
    expect(messageOf(() => load(word))).toBe(`command line: ${word}: ${message}`);
  });

  it('is named where it breaks a rule with a key of the file', () => {
    expect(messageOf(() => load('train.schedule={name: wsd, warmup_steps: 3}', 'train.steps=2'))).toBe(
      'command line: train.schedule={name: wsd, warmup_steps: 3}: train.schedule.warmup_steps: found 3, expected at most train.steps, which is 2 (command line: train.steps=2).',
    );
    expect(messageOf(() => load('model=210m'))).toBe(
      'test/config/overridden.yaml:1:31: model.scale: found 1/8, which makes 1.5 layers of width 128, expected a fraction ' +
        'of at most 1 that keeps the shape of 210m whole, such as 1, 1/2, 1/4 (command line: model=210m).',
    );
    expect(messageOf(() => load('model.context=100'))).toBe(
      'test/config/overridden.yaml:5:17: train.batch_tokens: found 1024, expected a multiple of model.context, ' +
        'which is 100, such as 1000 (command line: model.context=100).',
    );
  });

  it('is not blamed for what the file leaves out', () => {
    expect(messageOf(() => load('~train.steps', 'train.eval_every=5'))).toBe(
      'test/config/overridden.yaml:3:1: train.steps: found nothing, expected a whole number from 1 to 100,000,000.',
    );
  });

  it('leaves a missing part where the file would have it', () => {
    expect(messageOf(() => load('~train', 'seed=3'))).toMatch(
      /^test\/config\/overridden\.yaml:1:1: train: found nothing, expected a mapping with steps, /,
    );
  });

  it('lists the mistakes of several words', () => {
    expect(messageOf(() => load('seed=x', 'threads=0'))).toMatch(
      /^2 mistakes:\ncommand line: seed=x: .*\ncommand line: threads=0: /,
    );
  });
});
