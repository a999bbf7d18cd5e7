import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { registerConfig } from '../../src/cli/commands/config.js';
import { registerValidate } from '../../src/cli/commands/validate.js';
import { loadExperiment } from '../../src/config/load.js';
import { resolvedYaml } from '../../src/config/resolved-yaml.js';

const file = 'test/config/overridden.yaml';

/** Runs one command line and returns what it wrote to stdout. */
async function run(...words: string[]): Promise<string> {
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  const program = new Command('soap-bench').exitOverride();
  registerValidate(program);
  registerConfig(program);
  await program.parseAsync(words, { from: 'user' });
  return written.join('');
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('soap-bench validate', () => {
  it('summarises what would run', async () => {
    expect(await run('validate', file, 'optimizers.soap.lr=0.01', 'data.vocab_size=1024')).toBe(
      [
        'The configuration is valid.',
        '  experiment  overridden',
        '  model       3 layers × 128 wide, 2 heads, context 64',
        '  data        moby-dick, gpt2 tokens, vocabulary 1024',
        '  training    20 steps × 1,024 tokens = 20,480; cosine schedule',
        '  memory      at least 36.2 MB a run',
        '  target      the final validation loss of adamw',
        '  runs        adamw  adamw, lr 0.003, the baseline',
        '              soap   soap, lr 0.01',
        '',
      ].join('\n'),
    );
  });

  it('says what is tuned', async () => {
    const words = [
      'optimizers.soap.tune={lr: [1, 2, 3], weight_decay: [0, 1], extend: true}',
      'optimizers.adamw.tune.lr=1,2',
    ];
    const text = await run('validate', file, ...words);
    expect(text).toContain('adamw  adamw, tuned: lr of 2 values, the baseline\n');
    expect(text).toContain('soap   soap, tuned: lr of 3 values, weight_decay of 2 values, extended as needed\n');
    expect(JSON.parse(await run('validate', file, ...words, '--json'))).toMatchObject({
      tasks: [],
      tunings: [
        { label: 'adamw', grid: [{ key: 'lr', values: [1, 2] }] },
        { label: 'soap', extend: true },
      ],
    });
  });

  it('prints one JSON document', async () => {
    const config = loadExperiment({ files: [file], overrides: [] });
    expect(JSON.parse(await run('validate', file, '--json'))).toEqual({
      valid: true,
      name: 'overridden',
      runs: ['adamw', 'soap'],
      config,
    });
  });

  it('prints the complete configuration', async () => {
    const config = loadExperiment({ files: [file], overrides: ['seed=3'] });
    expect(await run('validate', file, 'seed=3', '--print-config')).toBe(resolvedYaml(config));
  });

  it('fails with exit code 2', async () => {
    await expect(run('validate', file, 'seed=x')).rejects.toMatchObject({ code: 'config_invalid', exitCode: 2 });
  });
});

describe('soap-bench config explain', () => {
  it('explains a part', async () => {
    expect(await run('config', 'explain', 'train.steps')).toBe(
      'train.steps: a whole number from 1 to 100,000,000 (required)\n    Optimizer steps of a run.\n',
    );
    expect(JSON.parse(await run('config', 'explain', 'optimizers.soap.lr', '--json'))).toMatchObject([
      { key: 'optimizers.soap.lr', allowed: 'a number > 0', fallback: '0.003' },
    ]);
  });

  it('guesses what was meant', async () => {
    await expect(run('config', 'explain', 'optimizers.sopa')).rejects.toMatchObject({
      exitCode: 2,
      message: 'There is no key optimizers.sopa in a configuration. did you mean "optimizers.soap"?',
    });
  });
});
