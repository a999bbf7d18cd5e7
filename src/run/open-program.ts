import type { RunConfig } from '../config/run-config.js';
import { evalBatches, trainBatch } from '../data/batches.js';
import type { PreparedData } from '../data/prepare.js';
import { canFuse } from '../engine/can-fuse.js';
import { worthFusing, type Engine } from '../engine/engine.js';
import type { Parameter } from '../model/parameters.js';
import type { Optimizer } from '../optim/optimizer.js';
import { Clock } from '../train/clock.js';
import { TrainingProgram } from '../train/training-program.js';
import type { Startup } from '../results/environment.js';

/** What a program is opened over. */
export interface ProgramParts {
  readonly data: Pick<PreparedData, 'train' | 'val'>;
  readonly parameters: readonly Parameter[];
  readonly optimizer: Optimizer;
}

/** How a configuration's program is going to be opened. */
export interface Opening {
  /** Whether compiled steps fuse neighbouring operations. */
  readonly xla: boolean;
  /**
   * Opens the program with its initial weights, every step of calls 1 to `calls` compiled and run once.
   * What that cost is undefined where nothing is compiled.
   */
  open(calls: number): Promise<{ program: TrainingProgram; startup: Startup | undefined }>;
}

/**
 * Decides how the program of a run is opened.
 * @param fused Whether an earlier part of the same training fused its steps; undefined when there is none.
 */
export async function planOpening(
  engine: Engine,
  config: RunConfig,
  { data, parameters, optimizer }: ProgramParts,
  fused?: boolean,
): Promise<Opening> {
  const { model, train, precision, seed } = config;
  const xla = fused ?? (await choose(engine, config));
  const { context } = model;
  const sequences = train.microbatch_tokens / context;
  const validation = evalBatches(data.val, { context, sequences, tokens: train.eval_tokens });
  const open = () =>
    TrainingProgram.open(engine, {
      model,
      parameters,
      optimizer,
      sequences,
      precision,
      fuseFrom: xla ? worthFusing : undefined,
      evaluationSequences: validation.map(({ inputs }) => inputs.length / context),
      microbatches: train.batch_tokens / train.microbatch_tokens,
      gradClip: train.grad_clip,
    });
  const batch = trainBatch(data.train, { seed, step: 0, sequences, context, shuffle: config.data.shuffle });
  return {
    xla,
    async open(calls) {
      const tracing = new Clock();
      const program = await tracing.measure(open);
      program.initialize(parameters, seed);
      await tracing.measure(() => program.prepare(calls));
      if (!engine.compiled) return { program, startup: undefined };
      const first_runs_s = await program.warmUp(calls, batch);
      // It has left the weights changed and all other state zero.
      program.initialize(parameters, seed);
      return { program, startup: { tracing_s: tracing.seconds, first_runs_s } };
    },
  };
}

/**
 * Whether steps fuse. `auto` is decided by size and library and not by the clock, so that all trainings of a comparison agree:
 * what is worth fusing is first of all what is done to every token's activations.
 */
async function choose(engine: Engine, { xla, model, train }: RunConfig): Promise<boolean> {
  if (xla !== 'auto') return engine.compiled && xla === 'on';
  return train.microbatch_tokens * model.d_model >= worthFusing && canFuse(engine);
}
