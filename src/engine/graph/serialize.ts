import { createRequire } from 'node:module';
import { packageName } from '../setup/tfjs-package.js';
import {
  argumentOp,
  dtypeNumbers,
  type Attribute,
  type ConstantValue,
  type FunctionBody,
  type Node,
  type Output,
  type Shape,
} from './graph.js';
import { outputNames } from './fusable-ops.js';

/** A message of TensorFlow's protocol buffers, as protoc generates it: `set` and `add` methods and maps. */
interface Message {
  serializeBinary(): Uint8Array;
}

/** The generated classes of the native package that graphs need. */
interface Messages {
  SavedModel: new () => Message & {
    setSavedModelSchemaVersion(version: number): void;
    addMetaGraphs(graph: Message): void;
  };
  MetaGraphDef: (new () => Message & { setMetaInfoDef(info: Message): void; setGraphDef(graph: Message): void }) & {
    MetaInfoDef: new () => Message & { addTags(tag: string): void };
  };
  GraphDef: new () => Message & {
    setVersions(versions: Message): void;
    addNode(node: Message): void;
    setLibrary(library: Message): void;
  };
  FunctionDefLibrary: new () => Message & { addFunction(definition: Message): void };
  FunctionDef: new () => Message & {
    setSignature(signature: Message): void;
    addNodeDef(node: Message): void;
    getRetMap(): { set(name: string, value: string): void };
  };
  OpDef: (new () => Message & {
    setName(name: string): void;
    addInputArg(argument: Message): void;
    addOutputArg(argument: Message): void;
  }) & { ArgDef: new () => Message & { setName(name: string): void; setType(type: number): void } };
  VersionDef: new () => Message & { setProducer(version: number): void };
  NodeDef: new () => Message & {
    setName(name: string): void;
    setOp(op: string): void;
    setInputList(inputs: string[]): void;
    getAttrMap(): { set(name: string, value: Message): void };
  };
  AttrValue: (new () => Message & {
    setB(value: boolean): void;
    setI(value: number): void;
    setF(value: number): void;
    setS(value: Uint8Array): void;
    setType(value: number): void;
    setShape(value: Message): void;
    setTensor(value: Message): void;
    setList(value: Message): void;
    setFunc(value: Message): void;
  }) & { ListValue: new () => Message & { setIList(values: number[]): void; setTypeList(types: number[]): void } };
  NameAttrList: new () => Message & { setName(name: string): void };
  Tensor: new () => Message & {
    setDtype(dtype: number): void;
    setTensorShape(shape: Message): void;
    setTensorContent(bytes: Uint8Array): void;
  };
  TensorShape: (new () => Message & { addDim(dimension: Message): void }) & {
    Dim: new () => Message & { setSize(size: number): void };
  };
}

/** The tag with which a saved graph is loaded. */
export const graphTag = 'serve';

/** TensorFlow would treat a graph of version 0 as one from its first releases. */
const graphVersion = 1000;

/** The name of a node in the serialised graph. */
export function nodeName({ op, id }: Node): string {
  return `${op}_${id}`;
}

/**
 * Serializes nodes as `saved_model.pb`: a SavedModel with a single MetaGraph and without variable files. Each node must
 * come after its inputs and controls.
 */
export function serializeSavedModel(nodes: readonly Node[]): Uint8Array {
  const messages = loadMessages();
  const graph = new messages.GraphDef();
  const versions = new messages.VersionDef();
  versions.setProducer(graphVersion);
  graph.setVersions(versions);
  for (const node of nodes) graph.addNode(nodeMessage(messages, node, inputName));
  const library = new messages.FunctionDefLibrary();
  for (const body of functionsOf(nodes)) library.addFunction(functionMessage(messages, body));
  graph.setLibrary(library);
  const info = new messages.MetaGraphDef.MetaInfoDef();
  info.addTags(graphTag);
  const metaGraph = new messages.MetaGraphDef();
  metaGraph.setMetaInfoDef(info);
  metaGraph.setGraphDef(graph);
  const model = new messages.SavedModel();
  model.setSavedModelSchemaVersion(1);
  model.addMetaGraphs(metaGraph);
  return model.serializeBinary();
}

function loadMessages(): Messages {
  return createRequire(import.meta.url)(`${packageName}/dist/proto/api_pb.js`) as Messages;
}

/** Returns the functions that these nodes call, each once. */
function functionsOf(nodes: readonly Node[]): Iterable<FunctionBody> {
  const bodies = nodes.flatMap(({ attributes }) => Object.values(attributes)).filter((value) => 'function' in value);
  return new Map(bodies.map(({ function: body }) => [body.name, body])).values();
}

function functionMessage(messages: Messages, { name, parameters, nodes, results }: FunctionBody): Message {
  const argument = (name: string, { node, index }: Output) => {
    const message = new messages.OpDef.ArgDef();
    message.setName(name);
    message.setType(dtypeNumbers[node.outputs[index]!.dtype]);
    return message;
  };
  const signature = new messages.OpDef();
  signature.setName(name);
  const message = new messages.FunctionDef();
  for (const node of parameters) signature.addInputArg(argument(parameterName(node), { node, index: 0 }));
  results.forEach((result, i) => {
    signature.addOutputArg(argument(`result_${i}`, result));
    message.getRetMap().set(`result_${i}`, inputNameInFunction(result));
  });
  message.setSignature(signature);
  for (const node of nodes) message.addNodeDef(nodeMessage(messages, node, inputNameInFunction));
  return message;
}

function inputName({ node, index }: Output): string {
  return `${nodeName(node)}:${index}`;
}

/** The name of an input inside a function, where outputs are named as in TensorFlow's op definitions. */
function inputNameInFunction({ node, index }: Output): string {
  return node.op === argumentOp ? parameterName(node) : `${nodeName(node)}:${outputNames[node.op]!}:${index}`;
}

/** The name of an argument, which must be lower case. */
function parameterName(node: Node): string {
  return nodeName(node).toLowerCase();
}

function nodeMessage(messages: Messages, node: Node, nameOf: (input: Output) => string): Message {
  const message = new messages.NodeDef();
  message.setName(nodeName(node));
  message.setOp(node.op);
  message.setInputList([...node.inputs.map(nameOf), ...node.controls.map((control) => `^${nodeName(control)}`)]);
  const attributes = message.getAttrMap();
  for (const [name, value] of Object.entries(node.attributes)) attributes.set(name, attributeMessage(messages, value));
  return message;
}

function attributeMessage(messages: Messages, attribute: Attribute): Message {
  const message = new messages.AttrValue();
  if ('b' in attribute) message.setB(attribute.b);
  else if ('i' in attribute) message.setI(attribute.i);
  else if ('f' in attribute) message.setF(attribute.f);
  else if ('s' in attribute) message.setS(new TextEncoder().encode(attribute.s));
  else if ('type' in attribute) message.setType(attribute.type);
  else if ('shape' in attribute) message.setShape(shapeMessage(messages, attribute.shape));
  else if ('tensor' in attribute) message.setTensor(tensorMessage(messages, attribute.tensor));
  else if ('function' in attribute) {
    const called = new messages.NameAttrList();
    called.setName(attribute.function.name);
    message.setFunc(called);
  } else {
    const list = new messages.AttrValue.ListValue();
    if ('types' in attribute) list.setTypeList([...attribute.types]);
    else list.setIList([...attribute.ints]);
    message.setList(list);
  }
  return message;
}

function tensorMessage(messages: Messages, { values, shape, dtype }: ConstantValue): Message {
  const message = new messages.Tensor();
  message.setDtype(dtypeNumbers[dtype]);
  message.setTensorShape(shapeMessage(messages, shape));
  message.setTensorContent(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return message;
}

function shapeMessage(messages: Messages, shape: Shape): Message {
  const message = new messages.TensorShape();
  for (const size of shape) {
    const dimension = new messages.TensorShape.Dim();
    dimension.setSize(size);
    message.addDim(dimension);
  }
  return message;
}
