import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseExperiment } from '../../src/config/load.js';
import { soapOptions } from '../../src/optim/soap/options.js';
import { translateReference } from '../../src/verify/reference-options.js';

interface Golden {
  reference: string;
  options: Record<string, unknown>;
}

const presets = [
  'soap',
  'soap-meta',
  'soap-nvidia',
  'soap-kl',
  'soap-one-sided',
  'soap-factorized',
  'soap-factorized-one-sided',
];

function presetOptions(name: string): Record<string, unknown> {
  const config = parseExperiment({
    model: { preset: '360m', scale: '1/8', context: 64 },
    train: { steps: 20, batch_tokens: 1024, eval_every: 10, eval_tokens: 1024 },
    optimizers: { [name]: null },
  });
  return config.optimizers[name]!;
}

describe('presets of SOAP', () => {
  it.each(presets)('%s is a label of its own and says in its first line what it is', (name) => {
    expect(presetOptions(name)).toMatchObject({ optimizer: 'soap' });
    expect(readFileSync(`configs/optimizer/${name}.yaml`, 'utf8')).toMatch(/^# .{20,}/);
  });

  it.each(presets.slice(1))('%s says nothing that is a default anyway', (name) => {
    const said = parse(readFileSync(`configs/optimizer/${name}.yaml`, 'utf8')) as Golden['options'];
    const defaults = soapOptions.parse({}) as Record<string, unknown>;
    for (const [key, value] of Object.entries(said)) expect([key, defaults[key]]).not.toEqual([key, value]);
  });

  // What a run sets by itself, and what the golden files set to other values than the preset.
  const ownWords = ['optimizer', 'lr', 'betas', 'shampoo_beta', 'eps', 'weight_decay', 'max_precond_dim'];
  const ofFile = ['precondition_vocab', 'precondition_frequency', 'start_preconditioning_step'];

  it.each([
    ['soap', 'soap-square'],
    ['soap-meta', 'soap-meta'],
    ['soap-nvidia', 'soap-nvidia'],
    ['soap-kl', 'soap-kl'],
  ])('%s does what the reference of %s did', (preset, file) => {
    const golden = JSON.parse(readFileSync(`test/golden/${file}.json`, 'utf8')) as Golden;
    const { options } = translateReference(golden.reference, golden.options);
    const without = (all: object) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => ![...ownWords, ...ofFile].includes(key)));
    const { optimizer, ...own } = presetOptions(preset);
    expect(optimizer).toBe('soap');
    expect(without(soapOptions.parse(own))).toEqual(without(soapOptions.parse(options)));
  });

  it('soap-nvidia refreshes at every step, soap-meta starts at its first refresh', () => {
    expect(presetOptions('soap-nvidia')).toMatchObject({ precondition_frequency: 1 });
    expect(presetOptions('soap-meta')).toMatchObject({ precondition_frequency: 10, start_preconditioning_step: 10 });
  });
});
