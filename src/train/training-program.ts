import type { Batch } from '../data/batches.js';
import {
  sizeOf,
  type CompiledStep,
  type Engine,
  type Precision,
  type Program,
  type StepOptions,
  type Work,
} from '../engine/engine.js';
import type { ModelConfig } from '../model/config.js';
import { initialValues, type Parameter } from '../model/parameters.js';
import type { Optimizer, ParameterInfo, Step } from '../optim/optimizer.js';
import { Clock } from './clock.js';
import {
  batchSignature,
  evaluatedWeightsStep,
  evaluationStep,
  gradientOf,
  gradientStep,
  inspectionStep,
  trainingState,
  updateSignature,
  updateStep,
} from './steps.js';

export interface TrainingProgramOptions {
  readonly model: ModelConfig;
  readonly parameters: readonly ParameterInfo[];
  readonly optimizer: Optimizer;
  /** Sequences per microbatch. */
  readonly sequences: number;
  /** Sequences of each batch of an evaluation, at most those of a microbatch, which is the default. */
  readonly evaluationSequences?: readonly number[];
  readonly microbatches: number;
  /** The largest global norm of the gradient; null for no clipping. */
  readonly gradClip: number | null;
  /** Precision of the model's matrix products, float32 by default. The optimizer always uses float32. */
  readonly precision?: Precision;
  /** Number of elements from which compiled steps fuse neighbouring operations. By default they fuse none. */
  readonly fuseFrom?: number | undefined;
}

/** The report of one step. Times are wall-clock times in milliseconds. */
export interface StepReport {
  /** Cross-entropy of the step's batch before the update, in nats per token. */
  readonly loss: number;
  /** The learning rate of the update. */
  readonly lr: number;
  readonly gradNorm: number;
  readonly updateNorm: number;
  /** Number of failed refreshes; undefined if the step refreshed nothing. */
  readonly refreshFailures?: number | undefined;
  readonly gradientMs: number;
  readonly optimizerMs: number;
}

/** Quality of the optimizer's bases; the worst of all bases. */
export interface BasisReport {
  /** The Frobenius norm ‖QᵀQ − I‖. */
  readonly basis_error: number;
  /** Off-diagonal share of the norm of QᵀGGQ, from 0 to 1. */
  readonly off_diagonal_share: number;
  /** The smallest eigenvalue, estimated by the diagonal of QᵀGGQ. */
  readonly smallest_eigenvalue: number;
}

/** A model and its optimizer on an engine: their weights, gradients and state, and the compiled functions over them. */
export class TrainingProgram {
  readonly #program: Program;
  readonly #options: TrainingProgramOptions;
  readonly #gradientSteps: readonly CompiledStep[];
  readonly #updateSteps = new Map<string, CompiledStep>();
  readonly #evaluationSteps = new Map<number, CompiledStep>();
  #inspectionStep: CompiledStep | undefined;

  private constructor(program: Program, options: TrainingProgramOptions, gradientSteps: readonly CompiledStep[]) {
    this.#program = program;
    this.#options = options;
    this.#gradientSteps = gradientSteps;
  }

  /** Opens a program. All weights are zero until `initialize` or `setWeight` sets them. */
  static async open(engine: Engine, options: TrainingProgramOptions): Promise<TrainingProgram> {
    const { model, parameters, optimizer, sequences, microbatches } = options;
    const program = engine.open(trainingState(parameters, optimizer));
    const signature = batchSignature(sequences, model.context);
    const compile = (first: boolean) =>
      program.compile(gradientStep(model, parameters, { microbatches, first }), signature, modelSteps(options));
    const steps = [await compile(true), ...(microbatches > 1 ? [await compile(false)] : [])];
    return new TrainingProgram(program, options, steps);
  }

  initialize(parameters: readonly Parameter[], seed: number): void {
    for (const parameter of parameters) this.setWeight(parameter.name, initialValues(parameter, seed));
  }

  /** Compiles evaluation and steps 1 to `steps`, so that an engine that loads compiled functions together does so once. */
  async prepare(steps: number): Promise<void> {
    const { optimizer } = this.#options;
    for (const sequences of this.#evaluationSequences) await this.#evaluationStep(sequences);
    for (let number = 1; number <= steps; number++) {
      await this.#updateStep(optimizer.phaseAt(number));
      if (optimizer.refreshTolerance !== null) await this.#updateStep(optimizer.phaseAt(number, true));
    }
    if (optimizer.inspectableAfter !== null) await this.#inspection();
  }

  /**
   * Runs every compiled function of steps 1 to `steps` once, so that TensorFlow's work at the first run of a graph (loading,
   * optimizing, compiling) is not measured later. Afterwards gradients and optimizer state are zero again, and the weights
   * must be initialized again.
   * @param batch Any microbatch of the training data. The weights should be initialized, so that values are realistic.
   * @returns Seconds of each first run, by name.
   */
  async warmUp(steps: number, batch: Batch): Promise<Record<string, number>> {
    const { parameters, optimizer, microbatches } = this.#options;
    const seconds: Record<string, number> = {};
    const timed = async (name: string, run: () => Promise<unknown>) => {
      const clock = new Clock();
      await clock.measure(run);
      seconds[name] = clock.seconds;
    };
    await timed('evaluation', () => this.evaluate(this.#evaluationSequences.map((n) => this.#firstOf(batch, n))));
    await timed('gradient', () => this.differentiate(batch));
    const { inputs, targets } = batch;
    if (microbatches > 1) await timed('gradient, added', () => this.#gradientSteps[1]!({ inputs, targets }));
    for (let number = 1; number <= steps; number++) {
      for (const settled of optimizer.refreshTolerance === null ? [false] : [false, true]) {
        const phase = optimizer.phaseAt(number, settled);
        if (`update ${phase}` in seconds) continue;
        const update = await this.#updateStep(phase);
        await timed(`update ${phase}`, () => update(optimizer.scalars({ number, lr: 0 })));
      }
    }
    if (optimizer.inspectableAfter !== null) {
      const inspect = await this.#inspection();
      await timed('inspection', () => inspect({}));
    }
    const weights = new Set(parameters.map(({ name }) => name));
    for (const [name, shape] of Object.entries(trainingState(parameters, optimizer))) {
      if (!weights.has(name)) this.#program.write(name, new Float32Array(sizeOf(shape)));
    }
    return seconds;
  }

  setWeight(name: string, values: Float32Array): void {
    this.#program.write(name, values);
  }

  weight(name: string): Promise<Float32Array> {
    return this.#program.read(name);
  }

  /** Returns the weights that `evaluate` uses, by name. */
  async evaluatedWeights(): Promise<Record<string, Float32Array>> {
    const step = await this.#program.compile(evaluatedWeightsStep(this.#options.optimizer), {});
    return step({});
  }

  setOptimizerState(name: string, values: Float32Array): void {
    this.#program.write(name, values);
  }

  /** @param name `<parameter>/<slot>`. */
  optimizerState(name: string): Promise<Float32Array> {
    return this.#program.read(name);
  }

  /** Returns the gradient of the last step's mean loss, before clipping. */
  gradient(name: string): Promise<Float32Array> {
    return this.#program.read(gradientOf(name));
  }

  /** Computes the gradients of a single microbatch. The next step overwrites them. */
  async differentiate({ inputs, targets }: Batch): Promise<void> {
    await this.#gradientSteps[0]!({ inputs, targets });
  }

  /** Runs one step over its microbatches. */
  async step(step: Step, batches: readonly Batch[]): Promise<StepReport> {
    const { optimizer, microbatches } = this.#options;
    if (batches.length !== microbatches) throw new Error(`${batches.length} microbatches, expected ${microbatches}`);
    const due = await this.#updateStep(optimizer.phaseAt(step.number));

    const start = performance.now();
    let loss = 0;
    for (const [i, { inputs, targets }] of batches.entries()) {
      const outputs = await this.#gradientSteps[Math.min(i, 1)]!({ inputs, targets });
      loss += scalarOf(outputs, 'loss') / microbatches;
    }
    const middle = performance.now();
    const update = (await this.#isSettled(step.number))
      ? await this.#updateStep(optimizer.phaseAt(step.number, true))
      : due;
    const outputs = await update(optimizer.scalars(step));
    return {
      loss,
      lr: optimizer.rateAt(step),
      gradNorm: scalarOf(outputs, 'grad_norm'),
      updateNorm: scalarOf(outputs, 'update_norm'),
      refreshFailures: outputs.refresh_failures?.[0],
      gradientMs: middle - start,
      optimizerMs: performance.now() - middle,
    };
  }

  /** Lists the operations of a microbatch's gradient and of a step's update; undefined if they are not compiled. */
  async work(step: number): Promise<{ gradient: Work[]; update: Work[] } | undefined> {
    const gradient = this.#gradientSteps[0]!.work?.();
    const update = (await this.#updateStep(this.#options.optimizer.phaseAt(step))).work?.();
    return gradient && update && { gradient, update };
  }

  /** Returns the mean cross-entropy over all tokens of the batches, in nats per token. */
  async evaluate(batches: readonly Batch[]): Promise<number> {
    let [sum, sequences] = [0, 0];
    for (const { inputs, targets } of batches) {
      const count = inputs.length / this.#options.model.context;
      const step = await this.#evaluationStep(count);
      sum += count * scalarOf(await step({ inputs, targets }), 'loss');
      sequences += count;
    }
    return sum / sequences;
  }

  /** Measures the quality of the optimizer's bases after this many steps; undefined if it has none. */
  async inspect(steps: number): Promise<BasisReport | undefined> {
    const { inspectableAfter } = this.#options.optimizer;
    if (inspectableAfter === null || steps < inspectableAfter) return undefined;
    const inspect = await this.#inspection();
    const outputs = await inspect({});
    if (!('basis_error' in outputs)) return undefined;
    return {
      basis_error: scalarOf(outputs, 'basis_error'),
      off_diagonal_share: scalarOf(outputs, 'off_diagonal_share'),
      smallest_eigenvalue: scalarOf(outputs, 'smallest_eigenvalue'),
    };
  }

  dispose(): void {
    this.#program.dispose();
  }

  /**
   * Returns true if the bases are good enough to skip a refresh that is due at this step. Deciding on the host costs two
   * products per side, and a skipped refresh costs nothing. A choice within the compiled function would compute both.
   */
  async #isSettled(number: number): Promise<boolean> {
    const { optimizer } = this.#options;
    const { refreshTolerance } = optimizer;
    if (refreshTolerance === null || optimizer.phaseAt(number) === optimizer.phaseAt(number, true)) return false;
    const report = await this.inspect(number - 1);
    return report !== undefined && report.off_diagonal_share <= refreshTolerance;
  }

  get #evaluationSequences(): readonly number[] {
    const { evaluationSequences, sequences } = this.#options;
    return [...new Set(evaluationSequences ?? [sequences])];
  }

  /** Returns the first sequences of a batch. */
  #firstOf({ inputs, targets }: Batch, sequences: number): Batch {
    const tokens = sequences * this.#options.model.context;
    return { inputs: inputs.subarray(0, tokens), targets: targets.subarray(0, tokens) };
  }

  async #inspection(): Promise<CompiledStep> {
    this.#inspectionStep ??= await this.#program.compile(inspectionStep(this.#options.optimizer), {});
    return this.#inspectionStep;
  }

  /** Compiles the update of a phase once. */
  async #updateStep(phase: string): Promise<CompiledStep> {
    const { parameters, optimizer, gradClip } = this.#options;
    const known = this.#updateSteps.get(phase);
    if (known) return known;
    const step = await this.#program.compile(
      updateStep(parameters, optimizer, { phase, gradClip }),
      updateSignature(optimizer),
      fusing(this.#options),
    );
    this.#updateSteps.set(phase, step);
    return step;
  }

  async #evaluationStep(sequences: number): Promise<CompiledStep> {
    const { model, optimizer } = this.#options;
    const known = this.#evaluationSteps.get(sequences);
    if (known) return known;
    const step = await this.#program.compile(
      evaluationStep(model, optimizer),
      batchSignature(sequences, model.context),
      modelSteps(this.#options),
    );
    this.#evaluationSteps.set(sequences, step);
    return step;
  }
}

/** Compile options of the functions that run the model. */
function modelSteps(options: TrainingProgramOptions): StepOptions {
  return { products: options.precision ?? 'float32', ...fusing(options) };
}

function fusing({ fuseFrom }: TrainingProgramOptions): StepOptions {
  return fuseFrom === undefined ? {} : { fuseFrom };
}

function scalarOf(outputs: Record<string, Float32Array>, name: string): number {
  return outputs[name]![0]!;
}
