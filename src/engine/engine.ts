import type { Tensor } from '@tensorflow/tfjs-core';

export const engineNames = ['tensorflow', 'wasm', 'cpu'] as const;
export type EngineName = (typeof engineNames)[number];

/** The engines that a user can choose; `auto` is the fastest one that works. */
export const engineChoices = ['auto', ...engineNames] as const;
export type EngineChoice = (typeof engineChoices)[number];

export type Shape = readonly number[];
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** Shapes and types of a compiled function's inputs, by name. `[]` is a scalar. */
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

/** The work of all ops of one name and shape in one execution. */
export interface Work {
  /** A matrix product, a matrix decomposition, or a pass over memory. */
  readonly kind: 'product' | 'decomposition' | 'pass';
  readonly op: string;
  /** Shape of the result. */
  readonly shape: Shape;
  readonly count: number;
  /** Floating-point operations of products; 0 for other kinds, whose time depends on memory or on an algorithm. */
  readonly flops: number;
  /** Bytes read and written; each input of an op counts once. */
  readonly bytes: number;
}

export interface CompiledStep {
  /** Executes the function on inputs from the host, changes the state in place, and returns the outputs to the host. */
  (inputs: Readonly<Record<string, InputValue>>): Promise<Record<string, Float32Array>>;
  /** Lists the function's operations. Engines that run operation by operation have no list. */
  readonly work?: () => Work[];
}

/** Compile options. Engines that run operation by operation support the defaults only. */
export interface StepOptions {
  /** Precision of matrix products, float32 by default. Everything else is always float32. */
  readonly products?: Precision;
  /**
   * Fuses neighbouring elementwise operations into one compiled operation (XLA) if their result has at least this many
   * elements. Nothing is fused by default. `worthFusing` is the size from which it pays off.
   */
  readonly fuseFrom?: number;
}

/**
 * The number of elements from which fusing pays off. A fused operation costs about 50 ms at its first execution. At this size
 * it saves about 0.2 ms each time, at a quarter of it hardly anything, which a short run of a small model would not recover.
 */
export const worthFusing = 2 ** 19;

export const precisions = ['float32', 'bfloat16'] as const;
export type Precision = (typeof precisions)[number];

/** The choices for fusing; `auto` fuses if the library can. */
export const xlaChoices = ['auto', 'on', 'off'] as const;
export type XlaChoice = (typeof xlaChoices)[number];

/** State that is kept from step to step, in float32, and the functions over it. All state starts at zero. */
export interface Program {
  /**
   * Compiles `fn` for inputs of these shapes. A program can hold any number of functions over the same state. It is cheapest
   * to compile all of them before the first one is executed. An engine may call `fn` here, at every execution, or both.
   * @throws SoapBenchError `precision_not_available` if the engine lacks products of this precision.
   */
  compile(fn: StepFunction, signature: Signature, options?: StepOptions): Promise<CompiledStep>;
  /** @throws Error if the name is unknown or the length does not match the shape. */
  write(name: string, values: Float32Array): void;
  read(name: string): Promise<Float32Array>;
  dispose(): void;
}

/** The owner of tensors and executor of compiled functions. A process has one engine. */
export interface Engine {
  readonly name: EngineName;
  /** The hardware that computes: the CPU's model or the GPU's name. */
  readonly device: string;
  readonly threads: number;
  /** Version of the computing library. */
  readonly version: string;
  /** True if each function runs as one graph instead of operation by operation. */
  readonly compiled: boolean;
  /** Opens a program whose state has these names and shapes. */
  open(stateShapes: Readonly<Record<string, Shape>>): Program;
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
