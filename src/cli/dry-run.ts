import { resolvedYaml } from '../config/resolved-yaml.js';
import type { ExperimentConfig, SharedConfig } from '../config/schema.js';
import { vocabSizeOf } from '../data/tokenizers/tokenizer.js';
import { planRuns } from '../experiment/tasks.js';
import { modelParameters, parameterCounts } from '../model/parameters.js';
import { memoryText } from './terminal/memory-text.js';
import { print, printJson } from './terminal/output.js';
import { corpusTitle } from '../data/corpus-path.js';
import { countText, plural } from '../format.js';

/** What is about to be trained, in two lines. */
export function experimentHeader(config: SharedConfig): string {
  const { model, train } = config;
  const { total, nonEmbedding } = countParameters(config);
  return [
    `${config.name}: ${plural(model.n_layer, 'layer')} × ${model.d_model} wide, ${plural(total, 'parameter')} (${countText(nonEmbedding)} without embeddings)`,
    `${corpusTitle(config.data.corpus)}: ${plural(train.steps, 'step')} × ${plural(train.batch_tokens, 'token')} = ${plural(train.steps * train.batch_tokens, 'token')} a run`,
  ].join('\n');
}

/** `run --dry-run`: the complete configuration and the runs. Trains nothing and writes nothing. */
export function printPlan(config: ExperimentConfig, asJson: boolean): void {
  const planned = planRuns(config);
  const runs = planned.map(({ label, config: { optimizer, options } }) => ({ label, optimizer, ...options }));
  if (asJson) {
    printJson({ name: config.name, parameters: countParameters(config), runs, config });
    return;
  }
  print(resolvedYaml(config).trimEnd());
  const lines = runs.map(
    ({ label, optimizer, lr }, i) =>
      `#   ${i + 1}. ${label}: ${optimizer}, lr ${lr}${label === config.baseline ? ', the baseline' : ''}`,
  );
  print(
    [
      '',
      ...experimentHeader(config)
        .split('\n')
        .map((line) => `# ${line}`),
      `# memory: ${memoryText(planned)}`,
      `# ${plural(runs.length, 'run')}:`,
      ...lines,
    ].join('\n'),
  );
}

function countParameters({ model, data }: SharedConfig): { total: number; nonEmbedding: number } {
  return parameterCounts(modelParameters(model, vocabSizeOf(data.tokenizer, data.vocab_size)));
}
