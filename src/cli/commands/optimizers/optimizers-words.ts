import type { Command } from 'commander';
import type { ModelConfig } from '../../../model/config.js';
import { mostSteps } from '../../../config/numbers.js';
import type { Mistake } from '../../../config/mistakes.js';
import type { OptimizerConfig } from '../../../config/schema.js';
import { SoapBenchError, exitCodes } from '../../../errors.js';
import { wholeNumber } from '../../options.js';
import type { OutputOptions } from '../../terminal/output.js';

/** The model that an optimizer is looked at with; nothing of it is built. */
export interface ModelOptions extends OutputOptions {
  model: string;
  scale?: string;
  vocabSize: number;
}

export function addModelOptions(command: Command): Command {
  return command
    .option('--model <preset>', 'model preset', '360m')
    .option('--scale <fraction>', 'shrink depth and width together, e.g. 1/8')
    .option(
      '--vocab-size <n>',
      'tokens of the vocabulary',
      wholeNumber({ least: 1, most: 999_999_999, example: 32128 }),
      50257,
    );
}

/** Names that stand for an optimizer: its own, and those of presets. */
export async function knownNames(): Promise<string[]> {
  const { optimizerNames } = await import('../../../optim/registry.js');
  const { presetNames } = await import('../../../config/presets.js');
  return [...new Set([...optimizerNames, ...presetNames('optimizer')])];
}

/** Model and optimizer as a run of that configuration would have them, presets included. */
export async function resolveWords(
  name: string,
  words: readonly string[],
  { model: preset, scale }: ModelOptions,
): Promise<{ model: ModelConfig; optimizer: OptimizerConfig }> {
  const { optimizers } = await import('../../../optim/registry.js');
  const { expandPresets } = await import('../../../config/presets.js');
  const { throwIfAny } = await import('../../../config/mistakes.js');
  const { emptyMapping, fromPlain, toPlain, withEntry } = await import('../../../config/tree.js');
  const { parseExperiment } = await import('../../../config/load.js');
  const { didYouMean } = await import('../../../did-you-mean.js');
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
    // Nothing is trained: the smallest numbers that the model allows, and room for any warm-up.
    train: { steps: mostSteps, batch_tokens: context, eval_every: 1, eval_tokens: context },
    optimizers: { [name]: options },
  });
  return { model: experiment.model, optimizer: experiment.optimizers[name]! };
}

/** `key=value` words: those of the model start with `model.`, the others are options of the optimizer. */
async function wordsOf(words: readonly string[]) {
  const { UnreadableValue, readValue } = await import('../../../config/word-value.js');
  const { toPlain } = await import('../../../config/tree.js');
  const entries = words.map((word) => {
    const [, ofModel, key, text] = /^(model\.)?([a-z_0-9]+)=(.+)$/s.exec(word) ?? [];
    if (key === undefined || text === undefined) throw invalidWord(word);
    try {
      return { isOfModel: ofModel !== undefined, entry: [key, toPlain(readValue(text, { where: word }))] as const };
    } catch (error) {
      throw error instanceof UnreadableValue ? invalidWord(word, error) : error;
    }
  });
  const record = (ofModel: boolean) =>
    Object.fromEntries(entries.filter(({ isOfModel }) => isOfModel === ofModel).map(({ entry }) => entry));
  return { model: record(true), options: record(false) };
}

function invalidWord(word: string, cause?: Error): SoapBenchError {
  const noOption = `found "${word}", expected an option such as precondition_frequency=5`;
  const message = cause === undefined ? noOption : `${word}: ${cause.message}`;
  return new SoapBenchError('word_invalid', message, { exitCode: exitCodes.usage, cause });
}
