import type { CompiledStep, Engine, Program } from '../../src/engine/engine.js';
import type { Optimizer, ParameterInfo } from '../../src/optim/optimizer.js';
import { gradientOf, trainingState, updateSignature, updateStep } from '../../src/train/steps.js';

export type Values = Readonly<Record<string, ArrayLike<number>>>;

/** An optimizer on an engine that takes its gradients from the test. */
export class OptimizerRun {
  calls = 0;
  readonly #steps = new Map<string, CompiledStep>();
  readonly program: Program;

  constructor(
    engine: Engine,
    readonly optimizer: Optimizer,
    readonly parameters: readonly ParameterInfo[],
    weights: Values = {},
  ) {
    this.program = engine.open(trainingState(parameters, optimizer));
    this.write(weights);
  }

  write(values: Values): void {
    for (const [name, numbers] of Object.entries(values)) this.program.write(name, Float32Array.from(numbers));
  }

  read(name: string): Promise<Float32Array> {
    return this.program.read(name);
  }

  /** Compiles the updates of steps 1 to `calls`, as a run does, so that an engine loads them together. */
  async prepare(calls: number): Promise<void> {
    for (let call = 1; call <= calls; call++) await this.#compile(this.optimizer.phaseAt(call), null);
  }

  /** Runs one step. */
  async step(
    gradients: Values,
    lr: number,
    gradClip: number | null = null,
  ): Promise<{ gradNorm: number; updateNorm: number; refreshFailures: number | undefined }> {
    this.calls++;
    for (const [name, numbers] of Object.entries(gradients)) this.write({ [gradientOf(name)]: numbers });
    const step = await this.#compile(this.optimizer.phaseAt(this.calls), gradClip);
    const outputs = await step(this.optimizer.scalars({ number: this.calls, lr }));
    return {
      gradNorm: outputs.grad_norm![0]!,
      updateNorm: outputs.update_norm![0]!,
      refreshFailures: outputs.refresh_failures?.[0],
    };
  }

  dispose(): void {
    this.program.dispose();
  }

  async #compile(phase: string, gradClip: number | null): Promise<CompiledStep> {
    const key = `${phase} ${gradClip}`;
    const known = this.#steps.get(key);
    if (known) return known;
    const update = updateStep(this.parameters, this.optimizer, { phase, gradClip });
    const step = await this.program.compile(update, updateSignature(this.optimizer));
    this.#steps.set(key, step);
    return step;
  }
}

export const matrixInfo = (rows: number, columns: number, name = 'W'): ParameterInfo => ({
  name,
  shape: [rows, columns],
  role: 'matrix',
});

export const vectorInfo = (size: number, name = 'w'): ParameterInfo => ({ name, shape: [size], role: 'vector' });
