import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundledConfigs, configFile } from '../../src/config/bundled.js';
import { configJsonSchema } from '../../src/config/json-schema.js';
import { loadSweep } from '../../src/config/load.js';
import { registerConfig } from '../../src/cli/commands/config.js';
import { registerInit } from '../../src/cli/commands/init.js';
import { optimizers } from '../../src/optim/registry.js';
import { inProcess } from '../cli/in-process.js';

const before = process.cwd();
let here: string;
beforeEach(() => {
  here = mkdtempSync(join(tmpdir(), 'soap-bench-bundled-'));
  process.chdir(here);
});
afterEach(() => {
  process.chdir(before);
  rmSync(here, { recursive: true, force: true });
});

const load = (file: string) => loadSweep({ files: [file], overrides: [] }, { anyCorpus: true }).config;
const configs = bundledConfigs();

describe('a configuration that ships with the package', () => {
  it.each(['quickstart', 'quickstart.yaml', 'configs/quickstart.yaml', './configs/quickstart'])(
    'is found from any folder as %s',
    (word) => {
      expect(load(word).name).toBe('quickstart');
    },
  );

  it('can be changed by another one, as `reproduce` does', () => {
    const files = ['paper/headline-360m', 'paper/quick/headline-360m'];
    expect(loadSweep({ files, overrides: [] }).config.name).toMatch(/headline-360m/);
  });

  it('gives way to a file of that name', () => {
    copyFileSync(configFile('examples/bytes'), 'quickstart');
    expect(load('quickstart').data.tokenizer).toBe('byte');
  });

  it.each([
    ['quikstart', 'quickstart'],
    ['headline-360m', 'paper/headline-360m'],
    ['paper/headlin-360m', 'paper/headline-360m'],
    ['configs/quickstrat.yaml', 'quickstart'],
  ])('%s is a mistake for %s', (word, meant) => {
    expect(() => load(word)).toThrow(`did you mean "${meant}"`);
  });

  it('is listed with what it is', async () => {
    const { stdout } = await inProcess(registerConfig, 'config', 'list');
    expect(stdout).toMatch(/^quickstart +Who reaches AdamW's final loss first\?$/m);
    expect(stdout).toMatch(/^paper\/headline-360m +\S/m);
    expect(configs.filter(({ summary }) => summary.length < 10 || summary.length > 200)).toEqual([]);
    expect(configs.map(({ name }) => name).filter((name) => /^(model|data|optimizer)\//.test(name))).toEqual([]);
  });
});

describe('init', () => {
  it('copies a configuration that runs as it is, with a schema beside it', async () => {
    await inProcess(registerInit, 'init', 'examples/frequency-sweep', 'my/study');
    const text = readFileSync('my/study/frequency-sweep.yaml', 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/soap-bench\.schema\.json\n/);
    expect(text).toContain('soap-bench run my/study/frequency-sweep.yaml');
    expect(load('my/study/frequency-sweep.yaml')).toEqual(load('examples/frequency-sweep'));
    expect(JSON.parse(readFileSync('my/study/soap-bench.schema.json', 'utf8'))).toEqual(configJsonSchema(optimizers));
  });

  it('leaves what is there alone, and knows what was meant', async () => {
    await inProcess(registerInit, 'init');
    writeFileSync('quickstart.yaml', 'mine');
    await expect(inProcess(registerInit, 'init')).rejects.toMatchObject({ code: 'file_exists', exitCode: 2 });
    expect(readFileSync('quickstart.yaml', 'utf8')).toBe('mine');
    await expect(inProcess(registerInit, 'init', 'quikstart')).rejects.toThrow(/did you mean "quickstart"/);
  });
});

describe('the JSON Schema', () => {
  const check = new Ajv({ allErrors: true }).compile(configJsonSchema(optimizers));
  const accepts = (text: string): boolean => check(parse(text)) as boolean;

  it.each(configs.map(({ name, file }) => [name, file]))('accepts %s', (_, file) => {
    expect([accepts(readFileSync(file, 'utf8')), check.errors]).toEqual([true, null]);
  });

  it.each([
    'seeds: [0, 1, 2]',
    'seed: [0, 1]',
    'model: 360m',
    'model: [360m, 660m]',
    'model: { preset: 360m, scale: [1/8, 0.25], n_layer: [2, 3] }',
    'data: sotu',
    'train: { steps: [10, 20], schedule: { name: cosine, warmup_steps: [1, 2] } }',
    'train: { grad_clip: null }',
    'optimizers: { soap: , adamw: { lr: [1e-3, 3e-3] } }',
    'optimizers: { soap: { betas: [0.9, 0.95] } }',
    'optimizers: { soap: { betas: [[0.9, 0.95], [0.95, 0.95]] } }',
    'optimizers: { slow: { optimizer: soap, precondition_frequency: 50 } }',
    'optimizers: { mine: { preset: soap-one-sided, lr: 1e-3 }, soap-one-sided: { lr: 1e-3 } }',
    'optimizers: { soap: { tune: { lr: [1e-3, 3e-3], extend: true } } }',
    'sweep: { parameters: { optimizers.soap.lr: { min: 1e-4, max: 1e-2, count: 3 } } }',
    'budgets: { fraction: [0.5, 1] }',
    'slurm: { partition: gpu }',
    'target: [4.2, baseline_final]',
  ])('accepts %s', (text) => {
    expect([accepts(text), check.errors]).toEqual([true, null]);
  });

  it.each([
    'modle: 360m',
    'model: 361m',
    'model: { n_layers: 3 }',
    'model: { n_layer: 0 }',
    'train: { steps: many }',
    'train: { schedule: { name: cosinus } }',
    'train: { steps: [10, many] }',
    'optimizers: { soap: { precondition_freq: 5 } }',
    'optimizers: { soap: { lr: fast } }',
    'optimizers: { adamw: { precondition_frequency: 5 } }',
    'optimizers: { mine: { lr: 1e-3 } }',
    'optimizers: { mine: { optimizer: sop } }',
    'optimizers: { mine: { optimizer: soap, precondition_freq: 5 } }',
    'budgets: { share: [0.5] }',
    'slurm: { partitoin: gpu }',
    'seeds: [-1]',
  ])('refuses %s', (text) => {
    expect(accepts(text)).toBe(false);
  });
});
