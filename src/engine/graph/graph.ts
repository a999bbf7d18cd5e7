import { createHash } from 'node:crypto';
import { sizeOf, type Shape } from '../engine.js';

/** TensorFlow's numbers of the types that a graph here may hold. A `resource` is the handle of a variable. */
export const dtypeNumbers = { float32: 1, int32: 3, bool: 10, bfloat16: 14, resource: 20 } as const;
export type Dtype = keyof typeof dtypeNumbers;

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: Dtype;
}

/** An attribute of a TensorFlow op, named after the field of TensorFlow's AttrValue that holds it. */
export type Attribute =
  | { readonly b: boolean }
  | { readonly i: number }
  | { readonly ints: readonly number[] }
  | { readonly f: number }
  | { readonly s: string }
  | { readonly type: number }
  | { readonly types: readonly number[] }
  | { readonly function: FunctionBody }
  | { readonly shape: Shape }
  | { readonly tensor: ConstantValue };
export type Attributes = Readonly<Record<string, Attribute>>;

export interface ConstantValue extends TensorType {
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** A function that ops of a graph call. Bodies of the same name compute the same. */
export interface FunctionBody {
  readonly name: string;
  /** The arguments, as nodes with the op `argumentOp`. */
  readonly parameters: readonly Node[];
  /** The other nodes, each after its inputs. */
  readonly nodes: readonly Node[];
  readonly results: readonly Output[];
}

/** The op of nodes that represent a function's arguments. */
export const argumentOp = 'Argument';

/** One TensorFlow op of a graph. */
export interface Node {
  /** Order of creation: inputs and controls have smaller numbers. */
  readonly id: number;
  readonly op: string;
  readonly inputs: readonly Output[];
  /** Nodes that must run before this one, without passing it a tensor. */
  readonly controls: readonly Node[];
  readonly attributes: Attributes;
  readonly outputs: readonly TensorType[];
}

/** One output of a node. */
export interface Output {
  readonly node: Node;
  readonly index: number;
}

export interface NodeSpec {
  readonly op: string;
  readonly inputs?: readonly Output[];
  readonly controls?: readonly Node[];
  readonly attributes?: Attributes;
  readonly outputs: readonly TensorType[];
}

/**
 * A growing TensorFlow graph. Adding a node that it already holds returns the existing one, so that common subexpressions,
 * repeated constants and steps compiled twice exist once. All ops must therefore be pure or differ in an attribute. Controls
 * order the reads and assignments of variables.
 */
export class Graph {
  readonly #nodes = new Map<string, Node>();

  add({ op, inputs = [], controls = [], attributes = {}, outputs }: NodeSpec): Node {
    const key = [
      op,
      inputs.map(({ node, index }) => `${node.id}:${index}`),
      controls.map(({ id }) => `^${id}`),
      Object.keys(attributes)
        .sort()
        .map((name) => `${name}=${attributeKey(attributes[name]!)}`),
    ].join('|');
    const known = this.#nodes.get(key);
    if (known) return known;
    const node = { id: this.#nodes.size, op, inputs, controls, attributes, outputs };
    this.#nodes.set(key, node);
    return node;
  }

  /** Adds a node and returns its first output. */
  output(spec: NodeSpec): Output {
    return { node: this.add(spec), index: 0 };
  }
}

function attributeKey(attribute: Attribute): string {
  if ('function' in attribute) return attribute.function.name;
  if (!('tensor' in attribute)) return JSON.stringify(attribute);
  const { dtype, shape, values } = attribute.tensor;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return `${dtype}[${shape.join(',')}]${createHash('sha256').update(bytes).digest('base64')}`;
}

export function typeOf({ node, index }: Output): TensorType {
  return node.outputs[index]!;
}

export function sameOutput(a: Output, b: Output): boolean {
  return a.node === b.node && a.index === b.index;
}

/** Returns the roots and all nodes that they need, each after its inputs and controls. All other nodes are dead. */
export function reachable(roots: Iterable<Node>): Node[] {
  const found = new Set<Node>();
  const pending = [...roots];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    for (const input of node.inputs) pending.push(input.node);
    pending.push(...node.controls);
  }
  return [...found].sort((a, b) => a.id - b.id);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, i) => dimension === b[i]);
}

export { sizeOf, type Shape };
