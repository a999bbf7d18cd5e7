import { registerKernel, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { linearAlgebraKernels, type Triangle } from '../../ops/linear-algebra.js';

/** The part of the native backend that runs a TensorFlow op by name. */
interface NativeBackend {
  binding: { TF_ATTR_BOOL: number; TF_ATTR_TYPE: number; TF_FLOAT: number };
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: TensorInfo[]): TensorInfo;
  executeMultipleOutputs(name: string, attributes: OpAttribute[], inputs: TensorInfo[], outputs: number): TensorInfo[];
}

interface OpAttribute {
  name: string;
  type: number;
  value: boolean | number;
}

/** Registers TensorFlow's linear algebra, for which TensorFlow.js has no functions. */
export function registerNativeLinearAlgebra(): void {
  register(linearAlgebraKernels.qr, ({ inputs }, native) =>
    native.executeMultipleOutputs('Qr', attributes(native, { full_matrices: false }), [inputs.x!], 2),
  );
  register(linearAlgebraKernels.symmetricEigen, ({ inputs }, native) =>
    native.executeMultipleOutputs('SelfAdjointEigV2', attributes(native, { compute_v: true }), [inputs.x!], 2),
  );
  register(linearAlgebraKernels.triangularSolve, ({ inputs, attrs }, native) => {
    const { lower, adjoint } = attrs as unknown as Triangle;
    const operands = [inputs.matrix!, inputs.rhs!];
    return native.executeSingleOutput('MatrixTriangularSolve', attributes(native, { lower, adjoint }), operands);
  });
}

type Kernel = Parameters<KernelFunc>[0];

function register(kernelName: string, run: (call: Kernel, native: NativeBackend) => TensorInfo | TensorInfo[]): void {
  registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: (call) => run(call, call.backend as NativeBackend),
  });
}

/** An op's flags, and the type of its tensors. */
function attributes({ binding }: NativeBackend, flags: Readonly<Record<string, boolean>>): OpAttribute[] {
  return [
    ...Object.entries(flags).map(([name, value]) => ({ name, type: binding.TF_ATTR_BOOL, value })),
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
  ];
}
