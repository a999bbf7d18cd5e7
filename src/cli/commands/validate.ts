import type { Command } from 'commander';
import type { TunedVariant, Variant } from '../../config/sweep/expand.js';
import type { ExperimentConfig } from '../../config/schema.js';
import type { TuneRequest } from '../../config/sweep/tune-block.js';
import type { ModelConfig } from '../../model/config.js';
import { print, printDocument, printJson } from '../terminal/output.js';
import { corpusTitle } from '../../data/corpus-path.js';
import { plural } from '../../format.js';

interface ValidateOptions {
  json?: boolean;
  printConfig?: boolean;
}

/** `soap-bench validate`: checks a configuration without running it. */
export function registerValidate(program: Command): void {
  program
    .command('validate')
    .description('check a configuration without running it')
    .argument('<config...>', 'YAML files, merged from left to right, then overrides: key=value sets, ~key removes')
    .option('--print-config', 'print the complete configuration as YAML instead of a summary')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  soap-bench validate configs/quickstart.yaml
  soap-bench validate configs/quickstart.yaml train.steps=400 \\
      '~optimizers.shampoo'
  soap-bench validate configs/quickstart.yaml model=660m --print-config \\
      > mine.yaml

Ends with 0 when all is well, with 2 and a line for every mistake when not.`,
    )
    .action(async (words: string[], options: ValidateOptions) => {
      const { loadSweep } = await import('../../config/load.js');
      const { splitWords } = await import('../../config/overrides.js');
      const { config, variants, tuned, source } = loadSweep(splitWords(words));
      if (options.json) {
        const tasks = variants?.map(({ label, choices, config: { seed } }) => ({ label, choices, seed }));
        const { planTunings } = await import('../../experiment/plan-tunings.js');
        const tunings = planTunings(tuned).map(({ label, choices, grid, protocol, extend }) => {
          return { label, choices, grid, protocol, extend };
        });
        const runs = Object.keys(config.optimizers);
        printJson({ valid: true, name: config.name, runs, tasks, ...(tuned.length > 0 && { tunings }), config });
      } else if (options.printConfig) {
        const { resolvedYaml } = await import('../../config/resolved-yaml.js');
        const { stringify } = await import('yaml');
        // What is a list has no single complete configuration: a sweep stays as it was written.
        printDocument(variants === undefined ? resolvedYaml(config) : stringify(source));
      } else {
        const { planRuns } = await import('../../experiment/tasks.js');
        const { planTasks } = await import('../../experiment/tasks.js');
        const { memoryText } = await import('../terminal/memory-text.js');
        const tasks = variants === undefined ? [] : planTasks(variants, config.baseline);
        print(summary(config, variants, tuned, memoryText(tasks.length > 0 ? tasks : planRuns(config))));
      }
    });
}

function summary(
  config: ExperimentConfig,
  variants: readonly Variant[] | undefined,
  tuned: readonly TunedVariant[],
  memory: string,
): string {
  const { name, model, data, train, target, baseline, optimizers } = config;
  const tokens = (train.steps * train.batch_tokens).toLocaleString('en-US');
  const vocabulary = data.vocab_size === undefined ? '' : `, vocabulary ${data.vocab_size}`;
  const labels = Object.keys(optimizers);
  const widest = Math.max(...labels.map((label) => label.length));
  const runs = labels.map((label) => {
    const { optimizer, lr } = optimizers[label]!;
    const tasks = variants?.filter((variant) => variant.label === label).length;
    const tune = tuned.find((variant) => variant.label === label)?.tune;
    const counted = tasks === undefined ? `lr ${lr}` : plural(tasks, 'task');
    const what = tune === undefined ? counted : tunedText(tune);
    return `${label.padEnd(widest)}  ${optimizer}, ${what}${label === baseline ? ', the baseline' : ''}`;
  });
  const rows: [string, string][] = [
    ['experiment', name],
    ['model', shapeText(model)],
    ['data', `${corpusTitle(data.corpus)}, ${data.tokenizer} tokens${vocabulary}`],
    [
      'training',
      `${plural(train.steps, 'step')} × ${plural(train.batch_tokens, 'token')} = ${tokens}; ${train.schedule.name} schedule`,
    ],
    ['memory', memory],
    ['target', target === 'baseline_final' ? `the final validation loss of ${baseline}` : `validation loss ${target}`],
    ...runs.map((run, index): [string, string] => [index === 0 ? 'runs' : '', run]),
  ];
  return ['The configuration is valid.', ...rows.map(([title, text]) => `  ${title.padEnd(10)}  ${text}`)].join('\n');
}

/** `tuned: lr of 3 values, betas of 2, extended as needed` */
function tunedText({ grid, extend }: TuneRequest): string {
  const options = grid.map(({ key, values }) => `${key} of ${plural(values.length, 'value')}`);
  return `tuned: ${options.join(', ')}${extend ? ', extended as needed' : ''}`;
}

function shapeText({ n_layer, d_model, n_head, context }: ModelConfig): string {
  return `${plural(n_layer, 'layer')} × ${d_model} wide, ${plural(n_head, 'head')}, context ${context}`;
}
