import { resultColors } from './colors.js';
import type { Command } from 'commander';
import type { ModelConfig } from '../model/config.js';
import type { Optimizer } from '../optim/optimizer.js';
import type { Mistake } from '../config/mistakes.js';
import type { OptimizerConfig } from '../config/schema.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { print, printJson, type OutputOptions } from './output.js';

interface ExplainOptions extends OutputOptions {
  model: string;
  scale?: string;
  vocabSize: string;
}

/** How one parameter is treated. */
export interface RoutingRow {
  readonly parameter: string;
  readonly shape: readonly number[];
  readonly role: string;
  readonly rule: string;
  readonly treatment: string;
  readonly state_bytes: number;
}

/** `soap-bench optimizers`: what there is, and what an optimizer does with which tensor. */
export function registerOptimizers(program: Command): void {
  const command = program.command('optimizers').description('what the optimizers are and how they treat a model');
  registerList(command);
  registerExplain(command);
}

function registerList(command: Command): void {
  command
    .command('list')
    .description('list the optimizers')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  soap-bench optimizers list
  soap-bench optimizers list --json | jq -r '.[].name'`,
    )
    .action(async (options: OutputOptions) => {
      const { optimizers, optimizerNames } = await import('../optim/registry.js');
      const rows = optimizerNames.map((name) => ({ name, summary: optimizers[name].summary }));
      const widest = Math.max(...rows.map(({ name }) => name.length));
      if (options.json === true) printJson(rows);
      else print(rows.map(({ name, summary }) => `${name.padEnd(widest)}  ${summary}`).join('\n'));
    });
}

function registerExplain(command: Command): void {
  command
    .command('explain')
    .description('show what an optimizer does with each tensor of a model, and the memory that takes')
    .argument('<name>', 'an optimizer, with the options of its preset')
    .argument('[words...]', 'key=value: options of the optimizer')
    .option('--model <preset>', 'model preset', '360m')
    .option('--scale <fraction>', 'shrink depth and width together, e.g. 1/8')
    .option('--vocab-size <number>', 'tokens of the vocabulary', '50257')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Meanings of the options: soap-bench config explain optimizers.<name>

Examples:
  soap-bench optimizers explain soap
  soap-bench optimizers explain soap --model 360m --scale 1/8 --vocab-size 1024
  soap-bench optimizers explain shampoo max_precond_dim=512 --json | jq .state_bytes`,
    )
    .action(async (name: string, words: string[], options: ExplainOptions) => {
      const { optimizers, createOptimizer } = await import('../optim/registry.js');
      const { modelParameters, parameterCounts } = await import('../model/parameters.js');
      const { stateBytes } = await import('../optim/optimizer.js');
      const vocabSize = parseVocabSize(options.vocabSize);
      const { model, optimizer: config } = await resolveWords(name, words, options);
      const { optimizer: optimizerName, ...optimizerOptions } = config;
      const parameters = modelParameters(model, vocabSize);
      const optimizer = createOptimizer(optimizerName, optimizerOptions, parameters);
      const counts = parameterCounts(parameters);
      const explanation: Explanation = {
        optimizer: optimizerName,
        summary: optimizers[optimizerName].summary,
        options: optimizerOptions,
        model: { ...model, vocab_size: vocabSize },
        parameters: { total: counts.total, without_embeddings: counts.nonEmbedding },
        state_bytes: stateBytes(optimizer),
        routing: routingOf(optimizer),
      };
      if (options.json === true) printJson(explanation);
      else print(await explanationText(explanation));
    });
}

interface Explanation {
  readonly optimizer: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly model: ModelConfig & { readonly vocab_size: number };
  readonly parameters: { readonly total: number; readonly without_embeddings: number };
  /** Optimizer state, float32; weights and gradients are not counted. */
  readonly state_bytes: number;
  readonly routing: readonly RoutingRow[];
}

function parseVocabSize(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new SoapBenchError('vocab_size_invalid', `--vocab-size: found "${text}", expected a whole number ≥ 1`, {
    exitCode: exitCodes.usage,
    hint: 'the paper has 32128, GPT-2 has 50257',
  });
}

/** Model and optimizer as a run of that configuration would have them, presets included. */
async function resolveWords(
  name: string,
  words: readonly string[],
  { model: preset, scale }: ExplainOptions,
): Promise<{ model: ModelConfig; optimizer: OptimizerConfig }> {
  const { optimizers, optimizerNames } = await import('../optim/registry.js');
  const { expandPresets, presetNames } = await import('../config/presets.js');
  const { throwIfAny } = await import('../config/mistakes.js');
  const { emptyMapping, fromPlain, toPlain, withEntry } = await import('../config/tree.js');
  const { parseExperiment } = await import('../config/load.js');
  const { didYouMean } = await import('../did-you-mean.js');
  const known = [...new Set([...optimizerNames, ...presetNames('optimizer')])];
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
  const written = withEntry(emptyMapping(at('')), 'model', { key: at(''), value: scaled });
  const mistakes: Mistake[] = [];
  const { model } = toPlain(expandPresets(written, optimizers, mistakes)) as { model: ModelConfig };
  throwIfAny(mistakes);
  const { context } = model;
  const experiment = parseExperiment({
    model,
    // Nothing is trained: the smallest numbers that the model allows.
    train: { steps: 1, batch_tokens: context, eval_every: 1, eval_tokens: context },
    optimizers: { [name]: await optionsOf(words) },
  });
  return { model: experiment.model, optimizer: experiment.optimizers[name]! };
}

async function optionsOf(words: readonly string[]): Promise<Record<string, unknown>> {
  const { parse } = await import('yaml');
  const options: Record<string, unknown> = {};
  for (const word of words) {
    const [, key, text] = /^([a-z_0-9]+)=(.+)$/.exec(word) ?? [];
    try {
      if (key === undefined || text === undefined) throw new Error('not of the form key=value');
      options[key] = parse(text);
    } catch (error) {
      throw new SoapBenchError('word_invalid', `found "${word}", expected an option such as precondition_frequency=5`, {
        exitCode: exitCodes.usage,
        cause: error,
      });
    }
  }
  return options;
}

export function routingOf(optimizer: Optimizer): RoutingRow[] {
  const bytes = (shapes: Readonly<Record<string, readonly number[]>>) =>
    Object.values(shapes).reduce((sum, shape) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
  return optimizer.routes.map(({ parameter, rule }) => ({
    parameter: parameter.name,
    shape: parameter.shape,
    role: parameter.role,
    rule: rule.name,
    treatment: rule.describe(parameter),
    state_bytes: bytes(rule.stateShapes(parameter)),
  }));
}

/** Rows of equal blocks as one: `blocks.0–2.attn.qkv.weight ×3`. */
export function foldBlocks(rows: readonly RoutingRow[]): (RoutingRow & { readonly count: number })[] {
  const folded = new Map<string, RoutingRow[]>();
  for (const row of rows) {
    const { parameter, ...rest } = row;
    const key = JSON.stringify([parameter.replace(/^blocks\.\d+\./, 'blocks.*.'), rest]);
    folded.set(key, [...(folded.get(key) ?? []), row]);
  }
  return [...folded.values()].map((same) => {
    const [first, last] = [same[0]!, same.at(-1)!];
    if (same.length === 1) return { ...first, count: 1 };
    const index = ({ parameter }: RoutingRow) => parameter.split('.')[1]!;
    const range = `blocks.${index(first)}–${index(last)}.`;
    const name = first.parameter.replace(/^blocks\.\d+\./, range);
    return { ...first, parameter: `${name} ×${same.length}`, count: same.length };
  });
}

async function explanationText(explanation: Explanation): Promise<string> {
  const { textTable } = await import('../text-table.js');
  const { bytesText, countText } = await import('../report/format.js');
  const { optimizer, summary, options, model, parameters, routing } = explanation;
  const rows = foldBlocks(routing);
  const column = (title: string, align: 'left' | 'right', textOf: (row: (typeof rows)[number]) => string) => ({
    title: [title],
    align,
    cells: rows.map((row) => ({ text: textOf(row) })),
  });
  const table = textTable(
    [
      column('parameter', 'left', ({ parameter }) => parameter),
      column('shape', 'left', ({ shape }) => shape.join('×')),
      column('treatment', 'left', ({ treatment }) => treatment),
      column('state each', 'right', ({ state_bytes }) => bytesText(state_bytes)),
    ],
    resultColors.bold,
  );
  const widest = Math.max(...Object.keys(options).map((name) => name.length));
  const weightBytes = 4 * parameters.total;
  return [
    `${optimizer}: ${summary}`,
    '',
    ...Object.entries(options).map(([name, value]) => `  ${name.padEnd(widest)}  ${JSON.stringify(value)}`),
    '',
    `model: ${model.n_layer} layers × ${model.d_model} wide, ${model.n_head} heads, vocabulary ${countText(model.vocab_size)}`,
    `parameters: ${countText(parameters.total)}, without embeddings ${countText(parameters.without_embeddings)}`,
    `optimizer state: ${bytesText(explanation.state_bytes)}, ${(explanation.state_bytes / weightBytes).toFixed(1)} times the weights`,
    '',
    ...table,
  ].join('\n');
}
