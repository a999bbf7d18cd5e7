import { tokenizerNames, vocabSizeOf } from '../data/tokenizers/tokenizer.js';
import { nodeAt } from './describe.js';
import type { SchemaNode } from './describe.js';
import type { ExperimentConfig } from './schema.js';

/** A rule between keys that is broken. `path` is the key to change. */
export interface Conflict {
  readonly path: readonly string[];
  /** What goes behind `expected`. */
  readonly expected: string;
  /** The other key that takes part, whose place the message shows too. */
  readonly related?: readonly string[];
  /** Words that the value may have been meant as. */
  readonly choices?: readonly string[];
}

/**
 * The rules that hold between keys, each checked on its own. Values are in range already.
 * @param root Describes the schema of a configuration, which says what a warm-up is.
 */
export function conflictsOf(config: ExperimentConfig, root: SchemaNode): Conflict[] {
  return [
    ...modelConflicts(config),
    ...dataConflicts(config),
    ...trainConflicts(config),
    ...optimizerWarmupConflicts(config, root),
    ...runConflicts(config),
  ];
}

function modelConflicts({ model }: ExperimentConfig): Conflict[] {
  const { d_model, n_head, positions } = model;
  const related = ['model', 'd_model'];
  if (d_model % n_head !== 0) {
    const fitting = [...Array(d_model).keys()].map((n) => n + 1).filter((heads) => d_model % (2 * heads) === 0);
    const near = fitting.sort((a, b) => Math.abs(a - n_head) - Math.abs(b - n_head)).slice(0, 3);
    const such = near.length === 0 ? '' : `, such as ${near.sort((a, b) => a - b).join(', ')}`;
    return [{ path: ['model', 'n_head'], expected: `a divisor of d_model, which is ${d_model}${such}`, related }];
  }
  if (positions === 'rope' && (d_model / n_head) % 2 !== 0) {
    const expected = `an even head size with rotary positions; d_model ${d_model} / n_head ${n_head} is ${d_model / n_head}`;
    return [{ path: ['model', 'n_head'], expected, related }];
  }
  return [];
}

function dataConflicts({ data }: ExperimentConfig): Conflict[] {
  const { tokenizer, vocab_size } = data;
  if (vocab_size === undefined) return [];
  const [smallest, largest] = [vocabSizeOf(tokenizerNames[0], undefined), vocabSizeOf(tokenizer, undefined)];
  if (vocab_size >= smallest && vocab_size <= largest) return [];
  const expected =
    tokenizer === 'byte'
      ? `no vocab_size with the byte tokenizer, which always has ${largest}`
      : `a whole number from ${smallest} to ${largest} with the ${tokenizer} tokenizer`;
  return [{ path: ['data', 'vocab_size'], expected, related: ['data', 'tokenizer'] }];
}

function trainConflicts({ model, train }: ExperimentConfig): Conflict[] {
  const conflicts: Conflict[] = [];
  const { context } = model;
  const { steps, batch_tokens, microbatch_tokens, eval_tokens, schedule } = train;
  const sequences = (key: 'batch_tokens' | 'microbatch_tokens', value: number) => {
    if (value % context === 0) return true;
    const expected = `a multiple of model.context, which is ${context}, such as ${nearestMultiple(value, context)}`;
    conflicts.push({ path: ['train', key], expected, related: ['model', 'context'] });
    return false;
  };
  const batchFits = sequences('batch_tokens', batch_tokens);
  // A microbatch that was left out is the batch, whose mistake is already listed.
  const microbatchFits = microbatch_tokens === batch_tokens || sequences('microbatch_tokens', microbatch_tokens);
  if (batchFits && microbatchFits && batch_tokens % microbatch_tokens !== 0) {
    const expected = `a divisor of train.batch_tokens, which is ${batch_tokens}`;
    conflicts.push({ path: ['train', 'microbatch_tokens'], expected, related: ['train', 'batch_tokens'] });
  }
  if (eval_tokens < context) {
    const expected = `at least one sequence of model.context, which is ${context}`;
    conflicts.push({ path: ['train', 'eval_tokens'], expected, related: ['model', 'context'] });
  }
  if (schedule.warmup_steps > steps) {
    conflicts.push(tooLongWarmup(['train', 'schedule', 'warmup_steps'], steps));
  } else if (schedule.name === 'wsd' && schedule.warmup_steps + schedule.decay_fraction * steps > steps) {
    const expected = `at most ${1 - schedule.warmup_steps / steps}, the share of steps that warmup_steps leaves`;
    const related = ['train', 'schedule', 'warmup_steps'];
    conflicts.push({ path: ['train', 'schedule', 'decay_fraction'], expected, related });
  }
  return conflicts;
}

/** Warm-ups of an optimizer's own, beside that of the schedule. */
function optimizerWarmupConflicts(config: ExperimentConfig, root: SchemaNode): Conflict[] {
  const { steps } = config.train;
  return Object.entries(config.optimizers).flatMap(([label, options]) =>
    Object.entries(options)
      .map(([key, value]) => ({ path: ['optimizers', label, key], value }))
      .filter(({ path, value }) => nodeAt(root, path, config)?.warmup === true && (value as number) > steps)
      .map(({ path }) => tooLongWarmup(path, steps)),
  );
}

function tooLongWarmup(path: readonly string[], steps: number): Conflict {
  return { path, expected: `at most train.steps, which is ${steps}`, related: ['train', 'steps'] };
}

function runConflicts({ baseline, optimizers, target, train }: ExperimentConfig): Conflict[] {
  const labels = Object.keys(optimizers);
  if (labels.length === 0)
    return [{ path: ['optimizers'], expected: 'at least one label such as `soap: { lr: 0.003 }`' }];
  const conflicts: Conflict[] = [];
  if (!labels.includes(baseline)) {
    const expected = `one of the labels of optimizers: ${labels.join(', ')}`;
    conflicts.push({ path: ['baseline'], expected, choices: labels });
  }
  if (train.stop_at_target && target === 'baseline_final') {
    const expected = 'false, or a number as target: the baseline’s final loss is known only at the end';
    conflicts.push({ path: ['train', 'stop_at_target'], expected, related: ['target'] });
  }
  return conflicts;
}

function nearestMultiple(value: number, of: number): number {
  return Math.max(1, Math.round(value / of)) * of;
}
