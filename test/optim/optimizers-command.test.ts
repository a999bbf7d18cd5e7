import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { foldBlocks, registerOptimizers, type RoutingRow } from '../../src/cli/optimizers.js';

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

describe('optimizers explain', () => {
  it('shows options, counts, bytes and the folded routing', async () => {
    const text = await output('explain', 'soap', '--scale', '1/8', '--vocab-size', '1024');
    expect(text).toMatch(/precondition_frequency +10/);
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
    [['soap', 'betas=[1,'], /found "betas=\[1,", expected an option/],
    [['soap', '--model', '36m'], /--model: model\.preset: found "36m".*360m/],
    [['soap', '--scale', '1/7'], /--scale: model\.scale: found 1\/7.*1\/8 \(--model\)/],
    [['soap', '--vocab-size', '0'], /--vocab-size: found "0", expected a whole number/],
  ])('refuses %j', async (words, message) => {
    await expect(output('explain', ...words)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message) as string,
    });
  });
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
