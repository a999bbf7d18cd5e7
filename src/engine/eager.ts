import { keep, tensor, tidy, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { SoapBenchError, exitCodes } from '../errors.js';
import {
  sizeOf,
  type CompiledStep,
  type InputValue,
  type Program,
  type Shape,
  type Signature,
  type StepFunction,
  type StepOptions,
} from './engine.js';

/** A program that runs each step operation by operation on the current TensorFlow.js backend. */
export class EagerProgram implements Program {
  readonly #state = new Map<string, Tensor>();

  constructor(stateShapes: Readonly<Record<string, Shape>>) {
    for (const [name, shape] of Object.entries(stateShapes)) this.#state.set(name, keep(zeros([...shape])));
  }

  compile(fn: StepFunction, signature: Signature, { products }: StepOptions = {}): Promise<CompiledStep> {
    if (products === 'bfloat16') return Promise.reject(precisionNotAvailable());
    return Promise.resolve((inputs) => this.#run(fn, signature, inputs));
  }

  write(name: string, values: Float32Array): void {
    const { shape } = this.#get(name);
    if (values.length !== sizeOf(shape)) {
      throw new Error(`${name} holds ${sizeOf(shape)} numbers, ${values.length} were given`);
    }
    this.#replace(
      name,
      tidy(() => tensor(values, shape)),
    );
  }

  async read(name: string): Promise<Float32Array> {
    return (await this.#get(name).data<'float32'>()).slice();
  }

  dispose(): void {
    for (const held of this.#state.values()) held.dispose();
    this.#state.clear();
  }

  async #run(
    fn: StepFunction,
    signature: Signature,
    inputs: Readonly<Record<string, InputValue>>,
  ): Promise<Record<string, Float32Array>> {
    const result = tidy(() => {
      const fed = Object.entries(signature).map(([name, { shape, dtype }]) => {
        const value = inputs[name];
        if (value === undefined) throw new Error(`input ${name} is missing`);
        return [name, tensor(typeof value === 'number' ? [value] : value, [...shape], dtype)] as const;
      });
      return fn(Object.fromEntries(this.#state), Object.fromEntries(fed));
    });
    for (const [name, next] of Object.entries(result.state)) this.#replace(name, next);
    const outputs: Record<string, Float32Array> = {};
    for (const [name, output] of Object.entries(result.outputs)) {
      outputs[name] = (await output.data<'float32'>()).slice();
      output.dispose();
    }
    return outputs;
  }

  #get(name: string): Tensor {
    const held = this.#state.get(name);
    if (held === undefined) throw new Error(`the program has no state named ${name}`);
    return held;
  }

  #replace(name: string, next: Tensor): void {
    const previous = this.#get(name);
    if (next === previous) return;
    this.#state.set(name, keep(next));
    previous.dispose();
  }
}

function precisionNotAvailable(): SoapBenchError {
  return new SoapBenchError('precision_not_available', 'bfloat16 needs the native engine and compiled steps', {
    exitCode: exitCodes.unavailable,
    hint: 'set precision: float32, or run on the tensorflow engine without --no-compile',
  });
}
