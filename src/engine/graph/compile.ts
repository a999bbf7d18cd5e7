import type { Tensor } from '@tensorflow/tfjs-core';
import { Graph, reachable, sameShape, type Shape } from './graph.js';
import { nativeBackend, type TensorDtype } from './native.js';
import { optimized } from './optimize.js';
import type { StepOptions } from '../engine.js';
import { Session, type Feed } from './session.js';
import { trace } from './trace.js';
import { fetched, placeholder } from './variables.js';

/** Shape and type (float32 by default) of an argument. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype?: TensorDtype;
}

/** The results that a compiled function can return. */
export type TensorResult = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/** A compiled function. It takes tensors of the compiled shapes and types, and returns new tensors that the caller owns. */
export interface CompiledFunction<Result extends TensorResult> {
  (...inputs: Tensor[]): Result;
  /** Frees the session. */
  dispose(): void;
}

/**
 * Compiles a function of TensorFlow.js tensors into one TensorFlow graph, which runs in a single call of the library.
 * The native backend must be loaded and current.
 *
 * The function is called once, to trace it. It must be synchronous and must not read values; random numbers are drawn only
 * once. Tensors from outside become constants. Take gradients inside (`tf.grads`, `tf.variableGrads`), not through a
 * compiled function.
 * @throws SoapBenchError `op_not_compilable` or `value_not_known` with the source position of the call.
 */
export function compile<Result extends TensorResult>(
  fn: (...inputs: Tensor[]) => Result,
  signature: readonly TensorSpec[],
  options: StepOptions = {},
): CompiledFunction<Result> {
  const graph = new Graph();
  const inputs = signature.map(({ shape, dtype = 'float32' }, i) => placeholder(graph, `${i}`, dtype, shape));
  const { outputs, rebuild } = trace(graph, ({ tensorOf, outputOf }) => {
    const { tensors, rebuild } = flattened(fn(...inputs.map(tensorOf)));
    const results = tensors.map((tensor) => fetched(graph, outputOf(tensor)));
    return { ...optimized(graph, { assignments: [], outputs: results }, options), rebuild };
  });
  const nodes = reachable(outputs.map(({ node }) => node));
  const needed = new Set(nodes);
  const session = new Session(nodes);
  const native = nativeBackend();

  const run = (...tensors: Tensor[]): Result => {
    tensors.forEach((tensor, i) => {
      checkArgument(tensor, signature[i], i);
    });
    if (tensors.length !== inputs.length) throw new Error(`${inputs.length} tensors expected, got ${tensors.length}`);
    const ids = native.getInputTensorIds(tensors);
    const feeds = inputs.map((input, i): Feed => [input, ids[i]!]).filter(([{ node }]) => needed.has(node));
    return rebuild(session.run(feeds, outputs).map((tensor) => native.createOutputTensor(tensor))) as Result;
  };
  return Object.assign(run, {
    dispose: () => {
      session.dispose();
    },
  });
}

/** Flattens a result into a list of tensors, with a function that rebuilds the structure from other tensors. */
function flattened(result: TensorResult): { tensors: Tensor[]; rebuild: (tensors: Tensor[]) => TensorResult } {
  if (isTensor(result)) return { tensors: [result], rebuild: (tensors) => tensors[0]! };
  if (Array.isArray(result)) return { tensors: result as Tensor[], rebuild: (tensors) => tensors };
  const record = result as Readonly<Record<string, Tensor>>;
  const names = Object.keys(record);
  return {
    tensors: Object.values(record),
    rebuild: (tensors) => Object.fromEntries(names.map((name, i) => [name, tensors[i]!])),
  };
}

function isTensor(result: TensorResult): result is Tensor {
  return 'dataId' in result;
}

function checkArgument(tensor: Tensor, spec: TensorSpec | undefined, index: number): void {
  if (spec === undefined) return;
  const { shape, dtype = 'float32' } = spec;
  if (tensor.dtype !== dtype || !sameShape(tensor.shape, shape)) {
    throw new Error(
      `argument ${index} is ${tensor.dtype} [${tensor.shape.join(', ')}], compiled for ${dtype} [${shape.join(', ')}]`,
    );
  }
}
