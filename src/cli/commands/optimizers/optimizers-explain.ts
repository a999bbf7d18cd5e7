import type { Command } from 'commander';
import type { OptionRow } from '../../../config/optimizer-reference.js';
import type { ModelConfig } from '../../../model/config.js';
import type { RoutingRow } from '../../../optim/routing.js';
import { resultColors } from '../../terminal/colors.js';
import { addModelOptions, resolveWords, type ModelOptions } from './optimizers-words.js';
import { print, printJson } from '../../terminal/output.js';
import { plural } from '../../../format.js';

/** `soap-bench optimizers explain`. */
export function registerOptimizersExplain(command: Command): void {
  addModelOptions(
    command
      .command('explain')
      .description('show the options of an optimizer, and what it does with each tensor of a model')
      .argument('<name>', 'an optimizer or a preset of one')
      .argument('[overrides...]', 'key=value: options of the optimizer, or of the model as model.key=value'),
  )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
What it costs: soap-bench optimizers cost. The same for all optimizers:
docs/optimizers.md.

Examples:
  soap-bench optimizers explain soap
  soap-bench optimizers explain soap --model 360m --scale 1/8 --vocab-size 1024
  soap-bench optimizers explain shampoo max_precond_dim=512 --json \\
      | jq .state_bytes`,
    )
    .action(async (name: string, words: string[], options: ModelOptions) => {
      const { optimizers, createOptimizer } = await import('../../../optim/registry.js');
      const { modelParameters, parameterCounts } = await import('../../../model/parameters.js');
      const { stateBytes } = await import('../../../optim/optimizer.js');
      const { routingOf } = await import('../../../optim/routing.js');
      const { optionRows } = await import('../../../config/optimizer-reference.js');
      const { vocabSize } = options;
      const { model, optimizer: config } = await resolveWords(name, words, options);
      const { optimizer: optimizerName, ...optimizerOptions } = config;
      const parameters = modelParameters(model, vocabSize);
      const optimizer = createOptimizer(optimizerName, optimizerOptions, parameters);
      const counts = parameterCounts(parameters);
      const explanation: Explanation = {
        optimizer: optimizerName,
        summary: optimizers[optimizerName].summary,
        source: optimizers[optimizerName].source,
        options: optimizerOptions,
        option_reference: optionRows(optimizerName),
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
  readonly source: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly option_reference: readonly OptionRow[];
  readonly model: ModelConfig & { readonly vocab_size: number };
  readonly parameters: { readonly total: number; readonly without_embeddings: number };
  /** Optimizer state, float32; weights and gradients are not counted. */
  readonly state_bytes: number;
  readonly routing: readonly RoutingRow[];
}

async function explanationText(explanation: Explanation): Promise<string> {
  const { tableOf } = await import('../../../table/table.js');
  const { textTable } = await import('../../../table/text.js');
  const { bytesText, countText } = await import('../../../format.js');
  const { foldBlocks } = await import('../../../optim/routing.js');
  const { optimizer, summary, source, options, option_reference, model, parameters, routing } = explanation;
  const rows = foldBlocks(routing);
  const table = tableOf<(typeof rows)[number]>(rows, [
    { title: 'parameter', cell: ({ parameter }) => parameter },
    { title: 'shape', cell: ({ shape }) => shape.join('×') },
    { title: 'treatment', cell: ({ treatment }) => treatment },
    { title: 'state each', align: 'right', cell: ({ state_bytes }) => bytesText(state_bytes) },
  ]);
  const widest = Math.max(...option_reference.map(({ option }) => option.length));
  const weightBytes = 4 * parameters.total;
  return [
    `${optimizer}: ${summary}`,
    `source: ${source}`,
    '',
    ...option_reference.flatMap((row) => optionLines(row, options[row.option], widest)),
    '',
    `model: ${plural(model.n_layer, 'layer')} × ${model.d_model} wide, ${plural(model.n_head, 'head')}, vocabulary ${countText(model.vocab_size)}`,
    `parameters: ${countText(parameters.total)}, without embeddings ${countText(parameters.without_embeddings)}`,
    `optimizer state: ${bytesText(explanation.state_bytes)}, ${(explanation.state_bytes / weightBytes).toFixed(1)} times the weights`,
    '',
    ...textTable(table, { colors: resultColors }),
  ].join('\n');
}

/** An option's value here, and under it what it may be, its default and what it means. */
function optionLines(
  { option, allowed, fallback, meaning, source }: OptionRow,
  value: unknown,
  width: number,
): string[] {
  const from = source === undefined ? '' : ` (${source})`;
  const indent = ' '.repeat(width + 4);
  return [
    `  ${resultColors.bold(option.padEnd(width))}  ${JSON.stringify(value)}`,
    `${indent}${allowed}; default ${fallback}`,
    `${indent}${meaning}${from}`,
  ];
}
