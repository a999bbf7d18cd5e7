import type { Command } from 'commander';
import type { ModelConfig } from '../model/config.js';
import type { Mistake } from '../config/mistakes.js';
import type { OptimizerConfig } from '../config/schema.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import type { OutputOptions } from './output.js';

/** The model that an optimizer is looked at with; nothing of it is built. */
export interface ModelOptions extends OutputOptions {
  model: string;
  scale?: string;
  vocabSize: string;
}

export function addModelOptions(command: Command): Command {
  return command
    .option('--model <preset>', 'model preset', '360m')
    .option('--scale <fraction>', 'shrink depth and width together, e.g. 1/8')
    .option('--vocab-size <number>', 'tokens of the vocabulary', '50257');
}

/** @throws SoapBenchError `vocab_size_invalid`. */
export function parseVocabSize(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new SoapBenchError('vocab_size_invalid', `--vocab-size: found "${text}", expected a whole number ≥ 1`, {
    exitCode: exitCodes.usage,
    hint: 'the paper has 32128, GPT-2 has 50257',
  });
}

/** Names that stand for an optimizer: its own, and those of presets. */
export async function knownNames(): Promise<string[]> {
  const { optimizerNames } = await import('../optim/registry.js');
  const { presetNames } = await import('../config/presets.js');
  return [...new Set([...optimizerNames, ...presetNames('optimizer')])];
}

/** Model and optimizer as a run of that configuration would have them, presets included. */
export async function resolveWords(
  name: string,
  words: readonly string[],
  { model: preset, scale }: ModelOptions,
): Promise<{ model: ModelConfig; optimizer: OptimizerConfig }> {
  const { optimizers } = await import('../optim/registry.js');
  const { expandPresets } = await import('../config/presets.js');
  const { throwIfAny } = await import('../config/mistakes.js');
  const { emptyMapping, fromPlain, toPlain, withEntry } = await import('../config/tree.js');
  const { parseExperiment } = await import('../config/load.js');
  const { didYouMean } = await import('../did-you-mean.js');
  const known = await knownNames();
  if (!known.includes(name)) {
    const message = `there is no optimizer "${name}", expected one of ${known.join(', ')}.${didYouMean(name, known)}`;
    throw new SoapBenchError('optimizer_unknown', message, {
      exitCode: exitCodes.usage,
      hint: '`soap-bench optimizers list` says what they are',
    });
  }
  const at = (where: string) => ({ where });
  const choice = withEntry(emptyMapping(at('')), 'preset', {
    key: at('--model'),
    value: fromPlain(preset, at('--model')),
  });
  const scaled =
    scale === undefined
      ? choice
      : withEntry(choice, 'scale', { key: at('--scale'), value: fromPlain(scale, at('--scale')) });
  const { model: modelKeys, options } = await wordsOf(words);
  const own = Object.entries(modelKeys).reduce((mapping, [key, value]) => {
    const place = at(`model.${key}`);
    return withEntry(mapping, key, { key: place, value: fromPlain(value, place) });
  }, scaled);
  const written = withEntry(emptyMapping(at('')), 'model', { key: at(''), value: own });
  const mistakes: Mistake[] = [];
  const { model } = toPlain(expandPresets(written, optimizers, mistakes)) as { model: ModelConfig };
  throwIfAny(mistakes);
  const { context } = model;
  const experiment = parseExperiment({
    model,
    // Nothing is trained: the smallest numbers that the model allows.
    train: { steps: 1, batch_tokens: context, eval_every: 1, eval_tokens: context },
    optimizers: { [name]: options },
  });
  return { model: experiment.model, optimizer: experiment.optimizers[name]! };
}

/** `key=value` words: those of the model start with `model.`, the others are options of the optimizer. */
async function wordsOf(words: readonly string[]) {
  const { parse } = await import('yaml');
  const model: Record<string, unknown> = {};
  const options: Record<string, unknown> = {};
  for (const word of words) {
    const [, ofModel, key, text] = /^(model\.)?([a-z_0-9]+)=(.+)$/.exec(word) ?? [];
    try {
      if (key === undefined || text === undefined) throw new Error('not of the form key=value');
      (ofModel === undefined ? options : model)[key] = parse(text);
    } catch (error) {
      throw new SoapBenchError('word_invalid', `found "${word}", expected an option such as precondition_frequency=5`, {
        exitCode: exitCodes.usage,
        cause: error,
      });
    }
  }
  return { model, options };
}
