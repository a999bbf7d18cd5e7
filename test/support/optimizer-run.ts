import type { Engine, Program } from '../../src/engine/engine.js';
import type { Optimizer, ParameterInfo } from '../../src/optim/optimizer.js';
import { gradientOf, trainingState, updateSignature, updateStep } from '../../src/train/steps.js';

export type Values = Readonly<Record<string, ArrayLike<number>>>;

/** An optimizer on an engine, fed with gradients from the test. */
export class OptimizerRun {
  calls = 0;
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

  /** One optimizer call. */
  async call(
    gradients: Values,
    lr: number,
    gradClip: number | null = null,
  ): Promise<{ gradNorm: number; updateNorm: number; refreshFailures: number | undefined }> {
    this.calls++;
    for (const [name, numbers] of Object.entries(gradients)) this.write({ [gradientOf(name)]: numbers });
    const phase = this.optimizer.phaseAt(this.calls);
    const step = await this.program.compile(
      updateStep(this.parameters, this.optimizer, { phase, gradClip }),
      updateSignature(this.optimizer),
    );
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
}

export const matrixInfo = (rows: number, columns: number, name = 'W'): ParameterInfo => ({
  name,
  shape: [rows, columns],
  role: 'matrix',
});

export const vectorInfo = (size: number, name = 'w'): ParameterInfo => ({ name, shape: [size], role: 'vector' });
