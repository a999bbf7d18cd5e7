import { dtypeNumbers, type Output } from './graph.js';
import { nativeBackend } from './native.js';
import type { Session, Feed } from './session.js';
import type { Variable } from './variables.js';

/**
 * The values of a program's variables, wherever they are: in the session's variables or outside, in native tensors.
 *
 * Values written before a run wait outside until it begins; values that are read are fetched all at once and stay outside
 * until the next run changes them. TensorFlow hands memory in and out of a session without copying it, so neither holds
 * anything twice on a CPU. One variable at a time would be simpler, but TensorFlow goes through the whole graph for every
 * new set of names that is fed or fetched: seconds for hundreds of variables.
 */
export class State {
  readonly #binding = nativeBackend().binding;
  #session: Session | undefined;
  /** Native tensors with the values of variables. */
  readonly #outside = new Map<Variable, number>();
  /** Variables whose value in the session, if any, is not theirs. */
  readonly #stale: Set<Variable>;

  /** All variables start at zero. */
  constructor(readonly variables: readonly Variable[]) {
    this.#stale = new Set(variables);
  }

  /** Moves to a session of another graph over the same variables. */
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

  /** Runs what is fetched and hands out copies of its values. Fed tensors are deleted, also when the run fails. */
  run(feeds: readonly Feed[], fetches: readonly Output[]): Float32Array[] {
    this.#store();
    // What is held outside would keep its memory from being freed in the run.
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

  /** Brings stale variables of the session up to date. */
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

  /** Takes the values of all variables that only the session knows. */
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
   * Values in memory of TensorFlow's own. A native tensor made of a JavaScript array may use the array's memory, and gives
   * the array back when the last reference to it goes. A variable's old value goes on one of TensorFlow's threads, where
   * touching JavaScript's objects damages the heap.
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
