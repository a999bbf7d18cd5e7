import { z } from 'zod';
import type { OptimizerName } from '../optim/registry.js';
import { tokenizerNames } from '../data/tokenizer.js';

/** A number that must be whole and at least `least`. */
const whole = (least: number) => z.int().min(least);

/** Shape and options of the model; widths are numbers of floats. */
export const modelSchema = z.strictObject({
  n_layer: whole(1).describe('Transformer blocks.'),
  d_model: whole(1).describe('Width of the residual stream; a multiple of `n_head`.'),
  n_head: whole(1).describe('Attention heads; the head size `d_model / n_head` is even with rotary positions.'),
  context: whole(1).describe('Tokens a sequence holds.'),
  qk_norm: z.boolean().default(true).describe('LayerNorm on queries and keys, as in the SOAP paper.'),
  positions: z.enum(['rope', 'learned']).default('rope').describe('Rotary positions, or a learned table.'),
  tie_embeddings: z.boolean().default(false).describe('Use the embedding as the output head too.'),
  fused_qkv: z.boolean().default(true).describe('One matrix [3 d, d] for queries, keys and values, or three [d, d].'),
  z_loss: z.number().min(0).default(1e-4).describe('Weight of the mean square of log Z, added to the training loss.'),
});

/** The text, how it becomes tokens, and how they are drawn. */
export const dataSchema = z.strictObject({
  corpus: z.string().min(1).default('sotu').describe('`sotu`, `moby-dick`, a .txt file, or a folder of .txt files.'),
  tokenizer: z.enum(tokenizerNames).default('gpt2').describe('Bytes, or GPT-2’s byte-pair encoding.'),
  vocab_size: whole(1).optional().describe('Keep only the first merges of `gpt2`; left out, all 50257 tokens.'),
  val_fraction: z.number().gt(0).lt(1).default(0.05).describe('Share of the documents kept for validation.'),
  shuffle: z.boolean().default(true).describe('Visit the text in a seeded order; false walks through it.'),
});

const warmup_steps = whole(0).default(0).describe('Steps in which the learning rate rises to its peak.');
const finalFraction = (fraction: number) =>
  z.number().min(0).max(1).default(fraction).describe('Learning rate of the last step, as a share of the peak.');

/** How the learning rate changes over the steps. */
export const scheduleSchema = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('constant').describe('The peak to the end.'), warmup_steps }),
  z.strictObject({
    name: z.literal('linear').describe('A straight line down.'),
    warmup_steps,
    final_fraction: finalFraction(0),
  }),
  z.strictObject({
    name: z.literal('cosine').describe('Half a cosine down, as in the SOAP paper.'),
    warmup_steps,
    final_fraction: finalFraction(0.1),
  }),
  z.strictObject({
    name: z.literal('wsd').describe('Warm-up, stable, decay: the peak, then a straight line down.'),
    warmup_steps,
    decay_fraction: z.number().gt(0).max(1).default(0.2).describe('Share of the steps, at the end, that decay.'),
    final_fraction: finalFraction(0),
  }),
]);

/** How long to train, on how many tokens a step, and when to look. Losses are nats a token. */
export const trainSchema = z.strictObject({
  steps: whole(1).describe('Optimizer steps of a run.'),
  batch_tokens: whole(1).describe('Tokens a step; a multiple of `model.context` and of `microbatch_tokens`.'),
  microbatch_tokens: whole(1)
    .optional()
    .describe('Tokens held in memory at once; gradients of several microbatches add up. Left out, `batch_tokens`.'),
  eval_every: whole(1).describe('Steps between two evaluations; the last step is always evaluated.'),
  eval_tokens: whole(1).describe('Validation tokens of an evaluation, the same ones every time.'),
  log_every: whole(1).default(1).describe('Steps between two rows of metrics.csv.'),
  grad_clip: z.number().gt(0).nullable().default(1).describe('Largest norm of the whole gradient; null never clips.'),
  schedule: scheduleSchema
    .default({ name: 'cosine', warmup_steps: 0, final_fraction: 0.1 })
    .describe('How the learning rate changes over the steps. Left out, cosine without warm-up.'),
  stop_at_target: z.boolean().default(false).describe('End a run at the evaluation that reaches a numeric target.'),
  max_loss: z
    .number()
    .gt(0)
    .nullable()
    .optional()
    .describe('A training loss above this counts as diverged. Left out, three times that of guessing; null, only NaN.'),
});

/**
 * What a label in `optimizers` may look like: words that a dotted key and a folder name can hold.
 * Labels that look like numbers would be sorted to the front by JavaScript.
 */
const labelSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]*$/i)
  .meta({ expected: 'a letter, then letters, digits, - and _' });

/** What the configuration needs to know of an optimizer; a row of the registry in optim/registry.ts has it. */
export interface OptimizerRow {
  readonly summary: string;
  readonly options: z.ZodType;
}
export type OptimizerTable = Readonly<Record<string, OptimizerRow>>;

/** One entry of `optimizers`: the options that belong to the optimizer it names, and no others. */
function optimizerSchema(table: OptimizerTable) {
  const variants = Object.entries(table).map(([name, { summary, options }]) => {
    if (!(options instanceof z.ZodObject)) throw new TypeError(`the options of ${name} are not an object schema`);
    return options.safeExtend({ optimizer: z.literal(name).describe(summary) });
  });
  const [first, ...others] = variants;
  if (first === undefined) throw new TypeError('there are no optimizers');
  return z.discriminatedUnion('optimizer', [first, ...others]);
}

/** Everything that an experiment says, as it is after presets and overrides and before derived defaults. */
export function experimentSchema(table: OptimizerTable) {
  return z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]*$/)
      .meta({ expected: 'lower-case letters, digits, ".", "_" and "-"' })
      .optional()
      .describe('Names the folder of the results. Left out, the file’s name.'),
    seed: whole(0).default(0).describe('Seed of the initial weights and of the order of the data.'),
    engine: z
      .enum(['auto', 'tensorflow', 'wasm', 'cpu'])
      .default('auto')
      .describe('What computes; `auto` takes the fastest that works here.'),
    threads: z
      .union([z.literal('auto'), whole(1)])
      .default('auto')
      .describe('CPU threads; `auto` takes all.'),
    model: modelSchema
      .describe('Shape and options of the model; `model: 360m` takes a preset.')
      .meta({ expected: 'a preset such as `360m`, or a mapping with n_layer, d_model, n_head and context' }),
    data: dataSchema.prefault({}).describe('The text; `data: sotu` takes a preset.'),
    train: trainSchema.describe('How long to train, and when to evaluate.'),
    baseline: z
      .string()
      .optional()
      .describe('The label the others are compared with. Left out, `adamw`, else the first.'),
    target: z
      .union([z.literal('baseline_final'), z.number().gt(0)])
      .default('baseline_final')
      .describe('The validation loss to reach, in nats a token; `baseline_final` is the last one of the baseline.'),
    optimizers: z
      .record(labelSchema, optimizerSchema(table))
      .describe('What competes: a label, and the options of its optimizer.')
      .meta({ expected: 'a mapping of labels such as `soap: { lr: 0.003 }`' }),
  });
}

export type ModelConfig = z.output<typeof modelSchema>;
export type DataConfig = z.output<typeof dataSchema>;
export type ScheduleConfig = z.output<typeof scheduleSchema>;
export interface TrainConfig extends z.output<typeof trainSchema> {
  microbatch_tokens: number;
  max_loss: number | null;
}

/** An optimizer's name with its options; `createOptimizer` types the options when it checks them. */
export interface OptimizerConfig {
  readonly optimizer: OptimizerName;
  readonly lr: number;
  readonly [option: string]: unknown;
}

/** A complete experiment: nothing is left to be filled in. The keys are those of the YAML. */
export interface ExperimentConfig {
  name: string;
  seed: number;
  engine: 'auto' | 'tensorflow' | 'wasm' | 'cpu';
  threads: number | 'auto';
  model: ModelConfig;
  data: DataConfig;
  train: TrainConfig;
  baseline: string;
  target: number | 'baseline_final';
  optimizers: Record<string, OptimizerConfig>;
}
