import { dtypeNumbers, type Output } from './graph.js';
import { nativeBackend } from './native.js';
import type { Session, Feed } from './session.js';
import type { Variable } from './variables.js';

/**
 * The values of a program's variables, in the session's variables or outside in native tensors.
 *
 * Written values stay outside until the next run begins. Values that are read are fetched all at once, and stay outside until
 * the next run changes them. TensorFlow passes memory in and out of a session without copying, so nothing is held twice on a
 * CPU. Handling one variable at a time would be simpler, but TensorFlow walks the whole graph for every new set of fed or
 * fetched names, which takes seconds for hundreds of variables.
 */
export class State {
  readonly #binding = nativeBackend().binding;
  #session: Session | undefined;
  /** Native tensors with the values of variables. */
  readonly #outside = new Map<Variable, number>();
  /** Variables whose value in the session is missing or out of date. */
  readonly #stale: Set<Variable>;

  /** Creates the state, with all variables at zero. */
  constructor(readonly variables: readonly Variable[]) {
    this.#stale = new Set(variables);
  }

  /** Moves the values to a session of another graph over the same variables. */
  moveTo(session: Session): void {
    if (this.#session) {
      this.#fetchAll();
      this.#session.dispose();
    }
    for (const variable of this.variables) this.#stale.add(variable);
    this.#session = session;
  }

  write(variable: Variable, values: Float32Array): void {
    this.#drop(variable);
    this.#outside.set(variable, this.#copied(variable, values));
    this.#stale.add(variable);
  }

  read(variable: Variable): Float32Array {
    if (!this.#outside.has(variable)) {
      if (this.#stale.has(variable)) this.#outside.set(variable, this.#zeros(variable));
      else this.#fetchAll();
    }
    return this.#binding.tensorDataSync(this.#outside.get(variable)!);
  }

  /** Runs the fetches and returns copies of their values. Fed tensors are deleted, even if the run fails. */
  run(feeds: readonly Feed[], fetches: readonly Output[]): Float32Array[] {
    this.#store();
    // Tensors held outside would keep their memory from being freed during the run.
    for (const variable of this.#outside.keys()) this.#drop(variable);
    try {
      return this.#session!.run(feeds, fetches).map(({ id }) => {
        const values = this.#binding.tensorDataSync(id);
        this.#binding.deleteTensor(id);
        return values;
      });
    } finally {
      for (const [, tensor] of feeds) this.#binding.deleteTensor(tensor);
    }
  }

  dispose(): void {
    for (const variable of this.#outside.keys()) this.#drop(variable);
    this.#session?.dispose();
    this.#session = undefined;
  }

  /** Updates the session's stale variables. */
  #store(): void {
    const stale = [...this.#stale];
    if (stale.length === 0) return;
    for (const variable of stale) {
      if (!this.#outside.has(variable)) this.#outside.set(variable, this.#zeros(variable));
    }
    const feeds = stale.map((variable): Feed => [variable.newValue, this.#outside.get(variable)!]);
    const done = this.#session!.run(
      feeds,
      stale.map(({ stored }) => stored),
    );
    for (const { id } of done) this.#binding.deleteTensor(id);
    this.#stale.clear();
  }

  /** Fetches the values of all variables that are only in the session. */
  #fetchAll(): void {
    const values = this.#session!.run(
      [],
      this.variables.map(({ value }) => value),
    );
    for (const [i, variable] of this.variables.entries()) {
      const { id } = values[i]!;
      if (this.#stale.has(variable) || this.#outside.has(variable)) this.#binding.deleteTensor(id);
      else this.#outside.set(variable, id);
    }
  }

  /**
   * Copies values into memory that TensorFlow owns. A native tensor made from a JavaScript array may use the array's memory and
   * release the array with its last reference. For a variable's old value this happens on one of TensorFlow's threads, where
   * touching JavaScript objects corrupts the heap.
   */
  #copied({ shape }: Variable, values: Float32Array): number {
    const shared = this.#binding.createTensor(shape, dtypeNumbers.float32, values);
    const type = { name: 'T', type: this.#binding.TF_ATTR_TYPE, value: dtypeNumbers.float32 };
    const [copy] = this.#binding.executeOp('DeepCopy', [type], [shared], 1);
    this.#binding.deleteTensor(shared);
    return copy!.id;
  }

  #zeros({ shape }: Variable): number {
    const { binding } = nativeBackend();
    const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value });
    const attributes = [type('T', dtypeNumbers.float32), type('index_type', dtypeNumbers.int32)];
    const dimensions = binding.createTensor([shape.length], dtypeNumbers.int32, Int32Array.from(shape));
    const zero = binding.createTensor([], dtypeNumbers.float32, Float32Array.of(0));
    const [filled] = binding.executeOp('Fill', attributes, [dimensions, zero], 1);
    binding.deleteTensor(dimensions);
    binding.deleteTensor(zero);
    return filled!.id;
  }

  #drop(variable: Variable): void {
    const tensor = this.#outside.get(variable);
    if (tensor === undefined) return;
    this.#binding.deleteTensor(tensor);
    this.#outside.delete(variable);
  }
}
