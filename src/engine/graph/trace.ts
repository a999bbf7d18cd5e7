import { engine, getBackend, setBackend, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { Graph, Output } from './graph.js';
import { tracingBackend, tracingBackendName } from './tracing-backend.js';

/** Between tensors of a traced function and places in the graph. */
export interface Tracer {
  readonly tensorOf: (output: Output) => Tensor;
  readonly outputOf: (tensor: Tensor) => Output;
}

/**
 * Runs a function of tensors without computing: each operation becomes nodes of the graph. The function must be
 * synchronous, take from tensors nothing but their shapes and types, and draw no random numbers: values made on the host
 * stay what they were.
 * @param action Makes tensors of the function's inputs, calls it, and takes the outputs of its results.
 * @throws SoapBenchError `op_not_compilable` or `value_not_known` with the place of the call.
 */
export function trace<T>(graph: Graph, action: (tracer: Tracer) => T): T {
  const tracing = tracingBackend();
  const before = getBackend();
  const outer = tracing.graph;
  switchTo(tracingBackendName);
  tracing.graph = graph;
  try {
    let result: T | undefined;
    tidy(() => {
      result = action({
        tensorOf: (output) => tracing.tensorOf(output),
        // A tensor from outside moves here at this look-up and becomes a constant.
        outputOf: (tensor) => tracing.outputOf(tensor),
      });
    });
    return result as T;
  } finally {
    tracing.graph = outer;
    switchTo(before);
  }
}

/** The backends used here start without waiting, so that they are switched when this returns; nothing runs in between. */
function switchTo(name: string): void {
  void setBackend(name);
  if (engine().backendName !== name) throw new Error(`the TensorFlow.js backend ${name} does not start at once`);
}
