import type { Tensor } from '@tensorflow/tfjs-core';
import type { CompiledStep, InputValue, Program, Shape, Signature, StepFunction, StepOptions } from '../engine.js';
import { dtypeNumbers, Graph, reachable, sameOutput, sameShape, sizeOf, type Node, type Output } from './graph.js';
import { nativeBackend } from './native.js';
import { optimized } from './optimize.js';
import { Session, type Feed } from './session.js';
import { State } from './state.js';
import { trace, type Tracer } from './trace.js';
import { fetched, placeholder, Variable, whenDone } from './variables.js';
import { workOf } from './work.js';

/** A step as nodes of the program's graph. */
interface Traced {
  readonly signature: Signature;
  /** The placeholders of inputs, by name, without inputs that the step does not use. */
  readonly inputs: ReadonlyMap<string, Output>;
  readonly outputNames: readonly string[];
  /** The outputs in the order of their names, and last an output that is ready when all state is assigned. */
  readonly fetches: readonly Output[];
}

/**
 * A program whose steps are TensorFlow graphs. Each step is one call of the library, and the state is in session variables.
 *
 * Variables belong to a session, and a session to the graph that it was loaded with, so all steps share one graph. Compiling
 * a step after others have run makes the next run load the grown graph again; the variables' memory moves without a copy.
 * Steps with equal computations are one step.
 */
export class CompiledProgram implements Program {
  readonly #graph = new Graph();
  readonly #variables: ReadonlyMap<string, Variable>;
  readonly #state: State;
  /** The nodes that the steps fetch. */
  readonly #roots = new Set<Node>();
  /** The nodes of the loaded graph. */
  #loaded: ReadonlySet<Node> = new Set();

  constructor(stateShapes: Readonly<Record<string, Shape>>) {
    this.#variables = new Map(
      Object.entries(stateShapes).map(([name, shape]) => [name, new Variable(this.#graph, name, shape)]),
    );
    this.#state = new State([...this.#variables.values()]);
  }

  /** @throws SoapBenchError `op_not_compilable` or `value_not_known`; Error if the step does not match the state. */
  compile(fn: StepFunction, signature: Signature, options: StepOptions = {}): Promise<CompiledStep> {
    return promised(() => {
      const step = trace(this.#graph, (tracer) => this.#trace(tracer, fn, signature, options));
      for (const { node } of step.fetches) this.#roots.add(node);
      const run = (inputs: Readonly<Record<string, InputValue>>) => promised(() => this.#run(step, inputs));
      return Object.assign(run, { work: () => workOf(reachable(step.fetches.map(({ node }) => node))) });
    });
  }

  write(name: string, values: Float32Array): void {
    const variable = this.#get(name);
    if (values.length !== sizeOf(variable.shape)) {
      throw new Error(`${name} holds ${sizeOf(variable.shape)} numbers, ${values.length} were given`);
    }
    this.#state.write(variable, values);
  }

  read(name: string): Promise<Float32Array> {
    return promised(() => this.#state.read(this.#get(name)));
  }

  dispose(): void {
    this.#state.dispose();
  }

  #trace(tracer: Tracer, fn: StepFunction, signature: Signature, options: StepOptions): Traced {
    const inputs = Object.entries(signature).map(
      ([name, { shape, dtype }]) => [name, placeholder(this.#graph, `input ${name}`, dtype, shape)] as const,
    );
    const tensors = (outputs: Iterable<readonly [string, Output]>) =>
      Object.fromEntries(Array.from(outputs, ([name, output]) => [name, tracer.tensorOf(output)]));
    const result = fn(tensors([...this.#variables].map(([name, { value }]) => [name, value])), tensors(inputs));

    const assignments = Object.entries(result.state).flatMap(([name, next]) => this.#assign(tracer, name, next));
    const outputs = Object.values(result.outputs).map((tensor) => fetched(this.#graph, tracer.outputOf(tensor)));
    const step = optimized(this.#graph, { assignments, outputs }, options);
    const fetches = [...step.outputs, whenDone(this.#graph, step.assignments)];
    const needed = new Set(reachable(fetches.map(({ node }) => node)));
    return {
      signature,
      inputs: new Map(inputs.filter(([, { node }]) => needed.has(node))),
      outputNames: Object.keys(result.outputs),
      fetches,
    };
  }

  #assign(tracer: Tracer, name: string, next: Tensor): Node[] {
    const variable = this.#get(name);
    if (!sameShape(next.shape, variable.shape) || next.dtype !== 'float32') {
      throw new Error(
        `${name} is float32 [${variable.shape.join(', ')}], a step returned ${next.dtype} [${next.shape.join(', ')}]`,
      );
    }
    const value = tracer.outputOf(next);
    return sameOutput(value, variable.value) ? [] : [variable.assign(value)];
  }

  #run(
    { signature, inputs, outputNames, fetches }: Traced,
    given: Readonly<Record<string, InputValue>>,
  ): Record<string, Float32Array> {
    const arrays = Object.entries(signature).map(([name, spec]) => ({
      name,
      ...spec,
      values: arrayOf(given, name, spec),
    }));
    this.#load(fetches);
    const { binding } = nativeBackend();
    const feeds = arrays.flatMap(({ name, shape, dtype, values }): Feed[] => {
      const input = inputs.get(name);
      return input ? [[input, binding.createTensor(shape, dtypeNumbers[dtype], values)]] : [];
    });
    const values = this.#state.run(feeds, fetches);
    return Object.fromEntries(outputNames.map((name, i) => [name, values[i]!]));
  }

  /** Ensures that the session's graph has these outputs. */
  #load(fetches: readonly Output[]): void {
    if (fetches.every(({ node }) => this.#loaded.has(node))) return;
    const access = this.#state.variables.flatMap(({ value, stored }) => [value.node, stored.node]);
    const nodes = reachable([...access, ...this.#roots]);
    this.#state.moveTo(new Session(nodes));
    this.#loaded = new Set(nodes);
  }

  #get(name: string): Variable {
    const variable = this.#variables.get(name);
    if (variable === undefined) throw new Error(`the program has no state named ${name}`);
    return variable;
  }
}

/** Wraps the result or error of a synchronous action in a promise. */
function promised<T>(action: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(action());
  });
}

function arrayOf(
  given: Readonly<Record<string, InputValue>>,
  name: string,
  { shape, dtype }: Signature[string],
): Float32Array | Int32Array {
  const value = given[name];
  if (value === undefined) throw new Error(`input ${name} is missing`);
  const numbers = typeof value === 'number' ? [value] : value;
  if (numbers.length !== sizeOf(shape)) {
    throw new Error(`input ${name} holds ${sizeOf(shape)} numbers, ${numbers.length} were given`);
  }
  return dtype === 'float32' ? Float32Array.from(numbers) : Int32Array.from(numbers);
}
