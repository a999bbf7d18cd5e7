import {
  findBackend,
  type DataStorage,
  type DataType,
  type KernelBackend,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

/** The parts of TensorFlow.js's native backend that the compiler uses, which have no published types. */
export interface NativeBackend extends KernelBackend {
  readonly binding: Binding;
  readonly tensorMap: DataStorage<object>;
  executeSingleOutput(name: string, attributes: readonly NativeAttribute[], inputs: readonly TensorInfo[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly TensorInfo[],
    outputs: number,
  ): Tensor[];
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  createOutputTensor(tensor: NativeTensor): Tensor;
}

/** An attribute as the native kernels describe it: `type` is one of the binding's TF_ATTR_ numbers. */
export interface NativeAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | string | readonly number[];
}

export interface NativeTensor {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** The exports of the addon. Tensors are identified by numbers and live until they are deleted. */
export interface Binding {
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_TYPE: number;
  createTensor(shape: readonly number[], dtype: number, values: ArrayBufferView): number;
  executeOp(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): NativeTensor[];
  deleteTensor(id: number): void;
  /** Returns a copy of the values. */
  tensorDataSync(id: number): Float32Array;
  /** Loads a SavedModel folder into a session of its own. */
  loadSavedModel(folder: string, tag: string): number;
  deleteSavedModel(session: number): void;
  /** Runs a session. Names are `<node>:<output>`, joined by commas. */
  runSavedModel(session: number, inputs: readonly number[], inputNames: string, outputNames: string): NativeTensor[];
  getNumOfTensors(): number;
  getNumOfSavedModels(): number;
}

/** The types of TensorFlow.js tensors that graphs here can hold. */
export type TensorDtype = Extract<DataType, 'float32' | 'int32' | 'bool'>;

/** Returns the native backend, which must be loaded. */
export function nativeBackend(): NativeBackend {
  const backend = findBackend('tensorflow') as NativeBackend | null;
  if (backend === null) throw new Error('the native engine is not loaded');
  return backend;
}
