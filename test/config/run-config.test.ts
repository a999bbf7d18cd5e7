import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { taskId } from '../../src/config/digest.js';
import { loadExperiment } from '../../src/config/load.js';
import { resolvedYaml } from '../../src/config/resolved-yaml.js';
import { asExperiment, onlyRun, runConfigs } from '../../src/config/run-config.js';
import { storedExperiment, storedRun } from '../../src/config/stored.js';

const published = 'results/published/quickstart';
const experiment = storedExperiment(parse(readFileSync(`${published}/config.yaml`, 'utf8')));

describe('the configuration of a run', () => {
  it.each(runConfigs(experiment))('is read from its file, and written in the same form: $label', (run) => {
    const text = readFileSync(`${published}/runs/${run.label}/config.yaml`, 'utf8');
    expect(storedRun(parse(text))).toEqual(run);
    // The file is of a version that had fewer keys.
    expect(asExperiment(run)).toMatchObject(parse(text) as object);
    const complete = storedExperiment(parse(text));
    expect(resolvedYaml(asExperiment(run))).toBe(resolvedYaml(complete));
  });

  it('has one of each optimizer', () => {
    expect(runConfigs(experiment).map(({ label, optimizer }) => [label, optimizer])).toEqual(
      Object.entries(experiment.optimizers).map(([label, { optimizer }]) => [label, optimizer]),
    );
    expect(() => onlyRun(experiment)).toThrow('expected a single one');
  });

  it('has the id that earlier versions gave it', () => {
    const overrides = ['~optimizers.adamw', 'threads=2'];
    const alone = onlyRun(loadExperiment({ files: ['test/config/overridden.yaml'], overrides }));
    expect(taskId(alone)).toBe('soap-7c0ab694db');
  });
});

describe('a stored configuration', () => {
  const plain = () => structuredClone(asExperiment(runConfigs(experiment)[0]!)) as unknown as Record<string, object>;

  it('gets defaults for keys that later versions added', () => {
    const { xla, tensorboard, ...earlier } = plain();
    expect([xla, tensorboard]).not.toContain(undefined);
    expect(storedRun(earlier)).toMatchObject({ xla: 'auto', tensorboard: false });
  });

  it.each([
    ['the name of a preset', { model: '360m' }],
    ['a preset below an optimizer', { optimizers: { soap: { optimizer: 'soap', preset: 'soap' } } }],
    ['an optimizer that only its label names', { optimizers: { soap: { lr: 0.1 } }, baseline: 'soap' }],
    ['a list of values', { seed: [1, 2] }],
  ])('is complete: %s is refused', (_what, change) => {
    expect(() => storedExperiment({ ...plain(), ...change })).toThrow(
      expect.objectContaining({ code: 'config_invalid' }) as Error,
    );
  });
});
