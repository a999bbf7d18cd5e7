import { engine, getBackend, setBackend, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { Graph, Output } from './graph.js';
import { tracingBackend, tracingBackendName } from './tracing-backend.js';

/** Maps between tensors of a traced function and outputs in the graph. */
export interface Tracer {
  readonly tensorOf: (output: Output) => Tensor;
  readonly outputOf: (tensor: Tensor) => Output;
}

/**
 * Runs a function of tensors without computing. Each operation becomes nodes of the graph. The function must be synchronous,
 * must only use the shapes and types of tensors, and must not draw random numbers, as values from the host become constants.
 * @param action Creates tensors for the function's inputs, calls it, and takes the outputs of its results.
 * @throws SoapBenchError `op_not_compilable` or `value_not_known` with the source position of the call.
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
        // Looking up a tensor from outside moves it here and makes it a constant.
        outputOf: (tensor) => tracing.outputOf(tensor),
      });
    });
    return result as T;
  } finally {
    tracing.graph = outer;
    switchTo(before);
  }
}

/** Switches the backend. The backends used here initialize synchronously, so the switch is complete on return. */
function switchTo(name: string): void {
  void setBackend(name);
  if (engine().backendName !== name) throw new Error(`the TensorFlow.js backend ${name} does not start at once`);
}
