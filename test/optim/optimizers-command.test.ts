import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { registerOptimizers } from '../../src/cli/commands/optimizers/optimizers.js';
import { optimizersMarkdown, optionRows } from '../../src/config/optimizer-reference.js';
import type { CostRow } from '../../src/optim/cost/rows.js';
import { optimizerNames } from '../../src/optim/registry.js';
import { foldBlocks, type RoutingRow } from '../../src/optim/routing.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** What the command prints on stdout. */
async function output(...words: string[]): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const program = new Command().exitOverride();
  registerOptimizers(program);
  await program.parseAsync(['optimizers', ...words], { from: 'user' });
  return text;
}

interface Explanation {
  options: Record<string, unknown>;
  parameters: { total: number; without_embeddings: number };
  state_bytes: number;
  routing: RoutingRow[];
}

describe('optimizers list', () => {
  it('names every optimizer', async () => {
    expect((await output('list')).split('\n').map((line) => line.split(' ')[0])).toEqual(
      expect.arrayContaining(['adamw', 'shampoo', 'soap']),
    );
    const rows = JSON.parse(await output('list', '--json')) as { name: string }[];
    expect(rows.map(({ name }) => name)).toContain('soap');
  });
});

describe('docs/optimizers.md', () => {
  it('is what `optimizers list --markdown` prints', async () => {
    // When this fails: npm run docs:optimizers
    expect(readFileSync('docs/optimizers.md', 'utf8')).toBe(await output('list', '--markdown'));
  });

  it('says of every option what it means, and has a preset of every optimizer', () => {
    for (const name of optimizerNames) {
      for (const row of optionRows(name)) {
        expect(row).toMatchObject({ meaning: expect.stringMatching(/\w/) as string });
        expect(row.fallback).not.toBe('none');
      }
    }
    const text = optimizersMarkdown();
    for (const name of optimizerNames) expect(text).toMatch(new RegExp(`^- \`${name}\`: \\w`, 'm'));
    expect(text).toContain('| `auxiliary_lr`');
    expect(text).toContain('KellerJordan/modded-nanogpt');
  });
});

interface Costs {
  model: Record<string, unknown>;
  parameters: { total: number };
  optimizers: CostRow[];
}

describe('optimizers cost', () => {
  const small = ['cost', '--scale', '1/8', '--vocab-size', '1024'];

  it('counts every optimizer and preset on the 360m model', async () => {
    const { optimizers, parameters } = JSON.parse(await output('cost', '--vocab-size', '32128', '--json')) as Costs;
    expect(optimizers.map((row) => row.optimizer)).toEqual(
      expect.arrayContaining([...optimizerNames, 'soap-one-sided']),
    );
    const row = (name: string) => optimizers.find(({ optimizer }) => optimizer === name)!;
    expect(row('adamw').state_bytes).toBe(8 * parameters.total);
    // Per element 14 operations (test/optim/cost/model-cost.test.ts).
    expect(row('adamw').flops).toBe(14 * parameters.total);
    expect(row('adamw').flops_over_adamw).toBe(0);
    expect(row('soap').state_bytes).toBe(row('soap').paper_state_bytes);
    expect(row('soap-one-sided').flops).toBeLessThan(row('soap').flops);
    expect(row('muon').paper_state_bytes).toBeNull();
    for (const { flops, matmul_flops, decomposition_flops, elementwise_flops } of optimizers) {
      expect(flops).toBeCloseTo(matmul_flops + decomposition_flops + elementwise_flops, 0);
    }
  });

  it('takes options of the optimizers and of the model', async () => {
    const costs = async (...words: string[]) => JSON.parse(await output(...small, '--json', ...words)) as Costs;
    const often = await costs('--optimizer', 'soap', 'precondition_frequency=1');
    const seldom = await costs('--optimizer', 'soap', 'precondition_frequency=100');
    expect(often.optimizers).toHaveLength(1);
    expect(often.optimizers[0]!.decomposition_flops).toBeCloseTo(100 * seldom.optimizers[0]!.decomposition_flops, 0);
    const deep = await costs('--optimizer', 'adamw', '--optimizer', 'lion', 'model.n_layer=6');
    expect(deep.model).toMatchObject({ n_layer: 6, d_model: 128, vocab_size: 1024 });
    expect(deep.optimizers.map(({ optimizer }) => optimizer)).toEqual(['adamw', 'lion']);
  });

  it('prints a table, and CSV with nan for what the paper does not say', async () => {
    const text = await output(...small, '--optimizer', 'soap', '--optimizer', 'muon');
    expect(text).toContain('853,632 parameters, 3.4 MB of weights');
    expect(text).toMatch(/^soap +\d+\.\d MB +\d+\.\d MB +\d/m);
    expect(text).toMatch(/^muon .* –$/m);
    const lines = (await output(...small, '--csv', '--optimizer', 'muon')).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^optimizer,state_bytes,paper_state_bytes,flops,/);
    expect(lines[1]).toMatch(/^muon,\d+,nan,/);
    expect(lines).toHaveLength(2);
  });

  it.each([
    [['--optimizer', 'mion'], /no optimizer "mion".*did you mean "lion"/],
    [['--csv', '--json'], /both --csv and --json/],
    [['--optimizer', 'soap', 'model.n_layers=2'], /n_layers: found an unknown key/],
  ])('refuses %j', async (words, message) => {
    await expect(output(...small, ...words)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('optimizers explain', () => {
  it('takes a warm-up of any length: nothing is trained', async () => {
    const { options } = JSON.parse(
      await output('explain', 'ademamix', '--model', '360m', '--json', 'alpha_warmup=100000'),
    ) as Explanation;
    expect(options.alpha_warmup).toBe(100_000);
  });

  it('shows options, counts, bytes and the folded routing', async () => {
    const text = await output('explain', 'soap', '--scale', '1/8', '--vocab-size', '1024');
    expect(text).toMatch(/precondition_frequency +10\n +a whole number ≥ 1; default 10\n +Updates between/);
    expect(text).toMatch(/weight_decay +0.0001\n +a number ≥ 0; default 0.01\n/);
    expect(text).toMatch(/^source: arXiv:2409.11321; nikhilvyas\/SOAP/m);
    expect(text).toContain('parameters: 853,632, without embeddings 591,488');
    expect(text).toMatch(/blocks\.0–2\.attn\.qkv\.weight ×3 .*384×128 .*SOAP, left 384×384, right 128×128/);
    expect(text).toMatch(/embed\.weight .*left identity \(1024\), right 128×128/);
    expect(text).toMatch(/norm\.weight .*Adam \(no side rotated\)/);
  });

  it('takes the options of the preset, and of the words', async () => {
    const words = ['explain', 'soap', '--scale', '1/8', '--vocab-size', '1024', '--json'];
    const plain = JSON.parse(await output(...words)) as Explanation;
    expect(plain.options).toMatchObject({ weight_decay: 1e-4, betas: [0.95, 0.95] });
    expect(plain.routing).toHaveLength(27);
    expect(plain.state_bytes).toBe(plain.routing.reduce((sum, row) => sum + row.state_bytes, 0));
    const changed = JSON.parse(await output(...words, 'precondition_vocab=true', 'betas=[0.9,0.99]')) as Explanation;
    expect(changed.options.betas).toEqual([0.9, 0.99]);
    expect(changed.state_bytes - plain.state_bytes).toBe(2 * 2 * 4 * 1024 ** 2); // L and QL of embed and head
  });

  it.each([
    [['sopa'], /no optimizer "sopa".*adamw, shampoo, soap.*did you mean "soap"/],
    [['soap', 'lr=fast'], /soap\.lr: found "fast", expected a number > 0/],
    [['soap', 'frequency=3'], /soap\.frequency: found an unknown key/],
    [['soap', 'frequency'], /found "frequency", expected an option/],
    [['soap', 'betas=[1,'], /betas=\[1,: found \[ without/],
    [['soap', '--model', '36m'], /--model: model\.preset: found "36m".*360m/],
    [['soap', '--scale', '1/7'], /--scale: model\.scale: found 1\/7.*1\/8 \(--model\)/],
  ])('refuses %j', async (words, message) => {
    await expect(output('explain', ...words)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message) as string,
    });
  });
});

it('optimizers explain refuses a vocabulary of no tokens', async () => {
  await expect(output('explain', 'soap', '--vocab-size', '0')).rejects.toThrow(
    /--vocab-size <n>.*'0' is invalid. It must be a whole number from 1 to 999999999, such as 32128/,
  );
});

describe('foldBlocks', () => {
  const row = (parameter: string, more: object = {}): RoutingRow => ({
    parameter,
    shape: [2],
    role: 'vector',
    rule: 'r',
    treatment: 't',
    state_bytes: 8,
    ...more,
  });

  it('folds equal rows of blocks and no others', () => {
    const rows = [row('blocks.0.a'), row('blocks.1.a'), row('blocks.2.a', { shape: [3] }), row('a'), row('blocks.3.b')];
    expect(foldBlocks(rows).map(({ parameter, count }) => [parameter, count])).toEqual([
      ['blocks.0–1.a ×2', 2],
      ['blocks.2.a', 1],
      ['a', 1],
      ['blocks.3.b', 1],
    ]);
  });
});
