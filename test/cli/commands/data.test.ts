import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { describe, it, expect, vi } from 'vitest';
import { registerData } from '../../../src/cli/commands/data.js';
import { builtInCorpora } from '../../../src/data/corpora.js';
import { failureOf, folderWith, useDatasetsRoot } from '../../data/helpers.js';

/** Runs `soap-bench data …` in this process and returns what it wrote. */
async function data(...words: string[]): Promise<{ stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const capture = (stream: 'stdout' | 'stderr') =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    });
  const spies = [capture('stdout'), capture('stderr')];
  try {
    const program = new Command('soap-bench').exitOverride();
    registerData(program);
    await program.parseAsync(['data', ...words], { from: 'user' });
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return written;
}

function workplace() {
  const texts = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`corpus/${i}.txt`, `document number ${i}`]));
  const folder = folderWith(texts);
  const root = join(folder, 'datasets');
  useDatasetsRoot(root);
  return { root, corpus: join(folder, 'corpus') };
}

const prepareWords = (corpus: string) => ['prepare', corpus, '--tokenizer', 'byte', '--val-fraction', '0.3'];

describe('data list', () => {
  it('shows corpora and datasets, also damaged ones', async () => {
    const { root, corpus } = workplace();
    expect((await data('list')).stdout).toMatch(/sotu [^]*moby-dick [^]*none yet/);
    await data(...prepareWords(corpus));
    expect((await data('list')).stdout).toMatch(/corpus-byte-257-\w{8}: \d+ training tokens, \d+ validation tokens/);
    writeFileSync(join(root, readdirSync(root)[0]!, 'manifest.json'), '');
    expect((await data('list')).stdout).toContain('manifest.json is not JSON');
  });

  it('prints one JSON document', async () => {
    const { corpus } = workplace();
    await data(...prepareWords(corpus));
    const listed = JSON.parse((await data('list', '--json')).stdout) as Record<string, unknown[]>;
    expect(listed.corpora).toMatchObject(builtInCorpora.map(({ name }) => ({ name })));
    expect(listed.datasets).toMatchObject([{ train_tokens: expect.any(Number) as number, problem: null }]);
  });
});

describe('data prepare', () => {
  it('prints the facts on stdout and notes on stderr', async () => {
    const { root, corpus } = workplace();
    const { stdout, stderr } = await data(...prepareWords(corpus));
    expect(stdout).toContain(join(root, 'corpus-byte-257-'));
    expect(stdout).toMatch(/tokenizer +byte, 257 tokens, end of text 256/);
    expect(stdout).toContain('val_000000.bin (val_fraction 0.3)');
    expect(stderr).toBe('preparing tokens\n');
  });

  it('prints one JSON document and nothing else', async () => {
    const { corpus } = workplace();
    const { stdout, stderr } = await data(...prepareWords(corpus), '--json');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      tokenizer: 'byte',
      bytes_per_token: { train: expect.closeTo(17 / 18, 5) as number },
    });
  });

  it('passes the vocabulary’s size on', async () => {
    const { corpus } = workplace();
    const { stdout } = await data('prepare', corpus, '--vocab-size', '300', '--val-fraction', '0.3', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ tokenizer: 'gpt2', vocab_size: 300, end_of_text: 299 });
  });

  it('prepares again with --force', async () => {
    const { corpus } = workplace();
    await data(...prepareWords(corpus));
    expect((await data(...prepareWords(corpus))).stderr).toBe('');
    expect((await data(...prepareWords(corpus), '--force')).stderr).toBe('preparing tokens\n');
  });

  it.each([
    ['--vocab-size', 'many', 'whole number'],
    ['--vocab-size', '-3', 'whole number'],
    ['--val-fraction', 'half', 'must be a number'],
    ['--tokenizer', 'bpe', 'byte, gpt2'],
  ])('refuses %s %s', async (option, value, message) => {
    workplace();
    const failure = data('prepare', 'sotu', `${option}=${value}`);
    await expect(failure).rejects.toThrow(CommanderError);
    await expect(failure).rejects.toThrow(message);
  });
});

describe('data inspect', () => {
  it('shows facts, entropies and the beginning of the text', async () => {
    const { corpus } = workplace();
    await data(...prepareWords(corpus));
    const { stdout } = await data('inspect', 'corpus-byte', '--tokens', '8');
    expect(stdout).toContain('begins with         "document"');
    expect(stdout).toContain('5.549 when every token is equally likely');
  });

  it('prints one JSON document', async () => {
    const { root, corpus } = workplace();
    await data(...prepareWords(corpus));
    const { stdout } = await data('inspect', join(root, readdirSync(root)[0]!), '--tokens', '3', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      corpus: 'corpus',
      uniform_loss_nats: expect.closeTo(Math.log(257), 10) as number,
      unigram_entropy_nats: { train: expect.any(Number) as number, val: expect.any(Number) as number },
      beginning: { tokens: [100, 111, 99], text: 'doc' },
    });
  });

  it('says what is there when the name is unknown, close, or fits several', async () => {
    const { corpus } = workplace();
    expect((await failureOf(() => data('inspect', 'sotu'))).hint).toContain('soap-bench data prepare sotu');
    await data(...prepareWords(corpus));
    const unknown = await failureOf(() => data('inspect', 'corpsu-byte-257'));
    expect(unknown).toMatchObject({ code: 'dataset_unknown', exitCode: 2 });
    expect(unknown.message).toContain('did you mean "corpus-byte-257"?');
    await data(...prepareWords(corpus), '--val-fraction', '0.5');
    const ambiguous = await failureOf(() => data('inspect', 'corpus'));
    expect(ambiguous).toMatchObject({ code: 'dataset_ambiguous', exitCode: 2 });
    expect(ambiguous.hint).toMatch(/corpus-byte-257-\w{8}, corpus-byte-257-\w{8}/);
  });

  it('checks the files', async () => {
    const { root, corpus } = workplace();
    await data(...prepareWords(corpus));
    writeFileSync(join(root, readdirSync(root)[0]!, 'train_000001.bin'), '');
    expect(await failureOf(() => data('inspect', 'corpus'))).toMatchObject({ code: 'dataset_damaged', exitCode: 6 });
  });
});

describe('help', () => {
  it.each(['list', 'prepare', 'inspect'])('of data %s has examples', async (command) => {
    let help = '';
    const program = new Command('soap-bench').exitOverride();
    registerData(program);
    program.commands[0]!.commands.find((sub) => sub.name() === command)!.configureOutput({
      writeOut: (text) => (help += text),
    });
    await expect(program.parseAsync(['data', command, '--help'], { from: 'user' })).rejects.toThrow();
    expect(help).toContain(`  soap-bench data ${command}`);
  });
});
