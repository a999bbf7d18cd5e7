import { z } from 'zod';
import type { OptimizerName } from '../optim/registry.js';
import { mostSteps } from './numbers.js';
import { whole } from '../whole.js';
import { dataSchema, type DataConfig } from '../data/config.js';
import {
  engineChoices,
  precisions,
  xlaChoices,
  type EngineChoice,
  type Precision,
  type XlaChoice,
} from '../engine/engine.js';
import { modelSchema, type ModelConfig } from '../model/config.js';
import { coefficient, partWhenNotZero, structure } from '../optim/option-types.js';
import { scheduleSchema } from '../optim/schedule.js';

/** How long to train, on how many tokens a step, and when to look. Losses are nats a token. */
export const trainSchema = z.strictObject({
  steps: whole(1, mostSteps).describe('Optimizer steps of a run.').meta(coefficient),
  batch_tokens: whole(1, 2 ** 26)
    .describe('Tokens a step; a multiple of `model.context` and of `microbatch_tokens`.')
    .meta(structure),
  microbatch_tokens: whole(1)
    .optional()
    .describe('Tokens held in memory at once; gradients of several microbatches add up. Left out, `batch_tokens`.')
    .meta(structure),
  eval_every: whole(1).describe('Steps between two evaluations; the last step is always evaluated.').meta(coefficient),
  eval_tokens: whole(1)
    .describe(
      'Validation tokens of an evaluation, the first of the text, in whole sequences of `context`; the same ones every time and for every batch size.',
    )
    .meta(coefficient),
  log_every: whole(1).default(1).describe('Steps between two rows of metrics.csv.').meta(coefficient),
  grad_clip: z
    .number()
    .gt(0)
    .nullable()
    .default(1)
    .describe('Largest norm of the whole gradient; null never clips.')
    .meta(partWhenNotZero),
  schedule: scheduleSchema
    .default({ name: 'cosine', warmup_steps: 0, final_fraction: 0.1 })
    .describe('How the learning rate changes over the steps. Left out, cosine without warm-up.')
    .meta(coefficient),
  stop_at_target: z
    .boolean()
    .default(false)
    .describe('End a run at the evaluation that reaches a numeric target.')
    .meta(coefficient),
  max_loss: z
    .number()
    .gt(0)
    .nullable()
    .optional()
    .describe('A training loss above this counts as diverged. Left out, three times that of guessing; null, only NaN.')
    .meta(coefficient),
  checkpoint_every: whole(1)
    .nullable()
    .default(500)
    .describe('Steps between two checkpoints, for `resume`; null writes one at the end and when stopped, no others.')
    .meta(coefficient),
  keep_checkpoints: whole(1)
    .default(2)
    .describe('How many checkpoints of a run are kept, the newest.')
    .meta(coefficient),
});

/**
 * What a label in `optimizers` may look like: words that a dotted key and a folder name can hold.
 * Labels that look like numbers would be sorted to the front by JavaScript.
 */
export const labelSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,99}$/i)
  // Labels are keys of many records.
  .refine((label) => !(label in {}))
  .meta({ expected: 'a letter, then letters, digits, - and _, at most 100, and not toString or the like' });

/** What an experiment may be called: a folder is named after it. */
export const experimentName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/)
  .meta({ expected: 'lower-case letters, digits, ".", "_" and "-", at most 100' });

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

type ExperimentSchema = ReturnType<typeof makeExperimentSchema>;

/** Everything that an experiment says, as it is after presets and overrides and before derived defaults. */
export function experimentSchema(table: OptimizerTable): ExperimentSchema {
  const schema = schemas.get(table) ?? makeExperimentSchema(table);
  schemas.set(table, schema);
  return schema;
}

const schemas = new WeakMap<OptimizerTable, ExperimentSchema>();

function makeExperimentSchema(table: OptimizerTable) {
  return z.strictObject({
    name: experimentName.optional().describe('Names the folder of the results. Left out, the file’s name.'),
    seed: whole(0).default(0).describe('Seed of the initial weights and of the order of the data.'),
    engine: z.enum(engineChoices).default('auto').describe('What computes; `auto` takes the fastest that works here.'),
    threads: z
      .union([z.literal('auto'), whole(1, 1024)])
      .default('auto')
      .describe('CPU threads; `auto` takes all.'),
    compile: z
      .boolean()
      .default(true)
      .describe('Compile each step into one TensorFlow graph where the engine can (tensorflow); false runs op by op.'),
    precision: z
      .enum(precisions)
      .default('float32')
      .describe('Of the model’s matrix products (tensorflow, compiled); all else, the optimizer too, is float32.'),
    xla: z
      .enum(xlaChoices)
      .default('auto')
      .describe(
        'Compile neighbouring element-by-element operations of a step into one, which changes last digits; `auto` does so ' +
          'where the library can (tensorflow, compiled) and a microbatch has activations enough, tokens × `d_model` of 2^19. ' +
          'More in docs/compiled-step.md.',
      ),
    tensorboard: z.boolean().default(false).describe('Also write event files for TensorBoard beside the CSV files.'),
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

/** What an experiment says of all of its runs. The keys are those of the YAML. */
export interface SharedConfig {
  name: string;
  seed: number;
  engine: EngineChoice;
  threads: number | 'auto';
  compile: boolean;
  precision: Precision;
  xla: XlaChoice;
  tensorboard: boolean;
  model: ModelConfig;
  data: DataConfig;
  train: TrainConfig;
  target: number | 'baseline_final';
}

/** A complete experiment: nothing is left to be filled in. */
export interface ExperimentConfig extends SharedConfig {
  baseline: string;
  optimizers: Record<string, OptimizerConfig>;
}
