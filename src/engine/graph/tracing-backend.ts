import {
  DataStorage,
  engine,
  getKernelsForBackend,
  registerBackend,
  registerKernel,
  reshape,
  scalar,
  type BackendValues,
  type DataType,
  type KernelFunc,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { SoapBenchError } from '../../errors.js';
import { callSite } from './call-site.js';
import { arrayOf, constant } from './constants.js';
import { dtypeNumbers, typeOf, type Attribute, type Attributes, type Graph, type Output } from './graph.js';
import { nativeBackend, type Binding, type NativeAttribute, type NativeBackend, type TensorDtype } from './native.js';
import { applyOp } from './operations.js';

/** The tracing backend's name in TensorFlow.js. */
export const tracingBackendName = 'soap-bench-graph';

/** The data of a tensor while tracing. */
interface Traced {
  readonly output: Output;
  /** The values from TensorFlow.js, if the tensor is a constant. */
  readonly values: BackendValues | undefined;
  references: number;
}

/** A TensorFlow.js backend that adds nodes to a graph instead of computing. */
export interface TracingBackend extends Pick<NativeBackend, 'binding' | 'executeSingleOutput'> {
  /** The graph that receives nodes; undefined outside of a trace. */
  graph: Graph | undefined;
  /** The running kernel, for error messages. */
  kernel: string;
  tensorOf(output: Output): Tensor;
  outputOf(tensor: TensorInfo): Output;
}

let backend: TracingBackend | undefined;

/** The tracing backend, which uses the native backend's kernels. There is one per process. */
export function tracingBackend(): TracingBackend {
  backend ??= register();
  return backend;
}

function register(): TracingBackend {
  const native = nativeBackend();
  const Tracing = tracingClass(native.constructor as NativeConstructor);
  const tracing = new Tracing(native.binding, '');
  registerBackend(tracingBackendName, () => tracing);
  const own: Record<string, KernelFunc> = { GatherV2: gatherKernel(tracing), ExpandDims: expandDimsKernel };
  for (const config of getKernelsForBackend('tensorflow')) {
    const kernel = own[config.kernelName] ?? config.kernelFunc;
    const kernelFunc: KernelFunc = (call) => {
      const outer = tracing.kernel;
      tracing.kernel = config.kernelName;
      try {
        return kernel(call);
      } finally {
        tracing.kernel = outer;
      }
    };
    registerKernel({ ...config, backendName: tracingBackendName, kernelFunc });
  }
  return tracing;
}

/** The native kernel without its check of the indices, whose values are unknown. TensorFlow checks them at run time. */
function gatherKernel(tracing: TracingBackend): KernelFunc {
  const { TF_ATTR_INT, TF_ATTR_TYPE } = tracing.binding;
  return ({ inputs, attrs }) => {
    const { x, indices } = inputs as { x: TensorInfo; indices: TensorInfo };
    const { axis, batchDims } = attrs as unknown as { axis: number; batchDims: number };
    const type = (name: string, dtype: DataType) => ({
      name,
      type: TF_ATTR_TYPE,
      value: dtypeNumbers[dtype as TensorDtype],
    });
    const attributes = [
      { name: 'batch_dims', type: TF_ATTR_INT, value: batchDims },
      type('Tparams', x.dtype),
      type('Tindices', indices.dtype),
      type('Taxis', 'int32'),
    ];
    return tracing.executeSingleOutput('GatherV2', attributes, [x, indices, scalar(axis, 'int32')]);
  };
}

/** The native kernel omits attributes that only eager execution fills in. */
const expandDimsKernel: KernelFunc = ({ inputs, attrs }) => {
  const { input } = inputs as { input: Tensor };
  const { dim } = attrs as unknown as { dim: number };
  const at = dim < 0 ? dim + input.rank + 1 : dim;
  return reshape(input, input.shape.toSpliced(at, 0, 1));
};

type NativeConstructor = new (binding: Binding, packageName: string) => NativeBackend;

/** Derives a class from the native backend's, whose helpers the kernels call. */
function tracingClass(Native: NativeConstructor) {
  return class extends Native implements TracingBackend {
    graph: Graph | undefined;
    kernel = '';
    override readonly tensorMap = new DataStorage<Traced>(this, engine());

    override executeSingleOutput(name: string, attributes: NativeAttribute[], inputs: TensorInfo[]): Tensor {
      return this.executeMultipleOutputs(name, attributes, inputs)[0]!;
    }

    override executeMultipleOutputs(op: string, attributes: NativeAttribute[], inputs: TensorInfo[]): Tensor[] {
      const outputs = applyOp(
        this.#tracedGraph(),
        op,
        inputs.map((input) => this.outputOf(input)),
        translated(attributes, this.binding),
      );
      if (outputs === undefined) {
        throw notCompilable('op_not_compilable', `${this.kernel} (TensorFlow's ${op}) has no rule for compiling`);
      }
      return outputs.map((output) => this.tensorOf(output));
    }

    tensorOf(output: Output): Tensor {
      const { shape, dtype } = typeOf(output);
      const dataId = {};
      this.tensorMap.set(dataId, { output, values: undefined, references: 1 });
      return engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype: dtype as TensorDtype });
    }

    outputOf({ dataId }: TensorInfo): Output {
      return this.tensorMap.get(dataId).output;
    }

    override write(values: BackendValues, shape: number[], dtype: DataType): object {
      const dataId = {};
      this.move(dataId, values, shape, dtype, 1);
      return dataId;
    }

    override move(dataId: object, values: BackendValues, shape: number[], dtype: DataType, references: number): void {
      if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
        throw notCompilable('op_not_compilable', `tensors of type ${dtype} cannot be compiled`);
      }
      const numbers = arrayOf(values as Float32Array, dtype);
      const output = constant(this.#tracedGraph(), { values: numbers, shape, dtype });
      this.tensorMap.set(dataId, { output, values, references });
    }

    override read(dataId: object): Promise<BackendValues> {
      return Promise.resolve(this.readSync(dataId));
    }

    override readSync(dataId: object): BackendValues {
      const { values } = this.tensorMap.get(dataId);
      if (values === undefined) {
        throw notCompilable('value_not_known', 'a compiled function cannot read the values of its tensors');
      }
      return values;
    }

    override disposeData(dataId: object, force = false): boolean {
      if (!this.tensorMap.has(dataId)) return true;
      const traced = this.tensorMap.get(dataId);
      traced.references--;
      if (!force && traced.references > 0) return false;
      this.tensorMap.delete(dataId);
      return true;
    }

    override refCount(dataId: object): number {
      return this.tensorMap.has(dataId) ? this.tensorMap.get(dataId).references : 0;
    }

    override incRef(dataId: object): void {
      this.tensorMap.get(dataId).references++;
    }

    #tracedGraph(): Graph {
      if (this.graph === undefined) throw new Error('a tensor of a finished trace was used');
      return this.graph;
    }
  };
}

function notCompilable(code: string, message: string): SoapBenchError {
  const site = callSite();
  return new SoapBenchError(code, site === undefined ? message : `${message}, called at ${site}`, {
    hint: 'use other TensorFlow.js functions there, or run without compiling',
  });
}

function translated(attributes: readonly NativeAttribute[], binding: Binding): Attributes {
  return Object.fromEntries(attributes.map((attribute) => [attribute.name, translatedOne(attribute, binding)]));
}

function translatedOne({ name, type, value }: NativeAttribute, binding: Binding): Attribute {
  if (typeof value === 'boolean') return { b: value };
  if (typeof value === 'string') return { s: value };
  if (typeof value === 'number') {
    if (type === binding.TF_ATTR_TYPE) return { type: value };
    return type === binding.TF_ATTR_FLOAT ? { f: value } : { i: value };
  }
  if (type === binding.TF_ATTR_SHAPE) return { shape: value };
  if (type === binding.TF_ATTR_INT) return { ints: value };
  throw new Error(`attribute ${name} is of a kind that cannot be compiled`);
}
