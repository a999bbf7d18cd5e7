import type { Tensor } from '@tensorflow/tfjs-core';

export const engineNames = ['tensorflow', 'wasm', 'cpu'] as const;
export type EngineName = (typeof engineNames)[number];

/** What a user may ask for; `auto` is the fastest that works. */
export const engineChoices = ['auto', ...engineNames] as const;
export type EngineChoice = (typeof engineChoices)[number];

export type Shape = readonly number[];
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** What a step takes: shapes and types of its inputs, by name. `[]` is a scalar. */
export type Signature = Readonly<Record<string, { shape: Shape; dtype: 'float32' | 'int32' }>>;

/**
 * A pure function over named tensors: reads state and inputs, returns the state entries that change and its outputs.
 * It must not keep tensors, and must not read values on the host.
 */
export type StepFunction = (
  state: NamedTensors,
  inputs: NamedTensors,
) => { state: Record<string, Tensor>; outputs: Record<string, Tensor> };

export type InputValue = number | Int32Array | Float32Array;

/** What the ops of one name and shape have to do each time that a step runs. */
export interface Work {
  /** A matrix product, a matrix decomposition, or a pass over memory. */
  readonly kind: 'product' | 'decomposition' | 'pass';
  readonly op: string;
  /** Of the result. */
  readonly shape: Shape;
  readonly count: number;
  /** Floating-point operations of products; 0 for others, whose time is that of memory or of an algorithm. */
  readonly flops: number;
  /** Read and written, each input of an op once. */
  readonly bytes: number;
}

export interface CompiledStep {
  /** Runs the step: inputs from the host in, state changed in place, outputs to the host. */
  (inputs: Readonly<Record<string, InputValue>>): Promise<Record<string, Float32Array>>;
  /** What the step consists of. Engines that run it operation by operation do not know. */
  readonly work?: () => Work[];
}

/** How a step is compiled. Engines that run steps operation by operation know the defaults only. */
export interface StepOptions {
  /** Of matrix products; all else is float32 in any case. By default float32. */
  readonly products?: Precision;
  /**
   * Neighbouring element-by-element operations become one compiled operation (XLA) where their result has at least this many
   * elements; nowhere when left out. `worthFusing` is from where it pays.
   */
  readonly fuseFrom?: number;
}

/**
 * A fused operation costs some 50 ms when it first runs. At this many elements it saves about 0.2 ms each time, at a quarter
 * of them hardly anything: a short run of a small model would not earn it back.
 */
export const worthFusing = 2 ** 19;

export const precisions = ['float32', 'bfloat16'] as const;
export type Precision = (typeof precisions)[number];

/** Whether steps fuse; `auto` where the library can. */
export const xlaChoices = ['auto', 'on', 'off'] as const;
export type XlaChoice = (typeof xlaChoices)[number];

/** State that lives from step to step, float32, and the steps over it. All state starts at zero. */
export interface Program {
  /**
   * Prepares `fn` for inputs of these shapes. Programs may hold any number of steps over the same state; it is cheapest to
   * prepare all of them before the first one runs. An engine may call `fn` here, at every run, or both.
   * @throws SoapBenchError `precision_not_available` when the engine has no such products.
   */
  compile(fn: StepFunction, signature: Signature, options?: StepOptions): Promise<CompiledStep>;
  /** @throws Error when the name is unknown or the length does not fit the shape. */
  write(name: string, values: Float32Array): void;
  read(name: string): Promise<Float32Array>;
  dispose(): void;
}

/** Where tensors live and steps run. One engine a process. */
export interface Engine {
  readonly name: EngineName;
  /** What really computes: the CPU's model or the GPU's name. */
  readonly device: string;
  readonly threads: number;
  /** Version of the library that computes. */
  readonly version: string;
  /** Whether steps run as one graph each, and not operation by operation. */
  readonly compiled: boolean;
  /** Opens a program whose state has these names and shapes. */
  open(stateShapes: Readonly<Record<string, Shape>>): Program;
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
