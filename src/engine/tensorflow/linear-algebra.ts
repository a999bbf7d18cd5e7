import { registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import { linearAlgebraKernels } from '../../ops/linear-algebra.js';

/** The part of the native backend that runs a TensorFlow op by name. */
interface NativeBackend {
  binding: { TF_ATTR_BOOL: number; TF_ATTR_TYPE: number; TF_FLOAT: number };
  executeMultipleOutputs(name: string, attributes: OpAttribute[], inputs: TensorInfo[], outputs: number): TensorInfo[];
}

interface OpAttribute {
  name: string;
  type: number;
  value: boolean | number;
}

/** Registers TensorFlow's own QR and symmetric eigendecomposition, for which TensorFlow.js has no function. */
export function registerNativeLinearAlgebra(): void {
  const register = (kernelName: string, flag: string, value: boolean) => {
    registerKernel({
      kernelName,
      backendName: 'tensorflow',
      kernelFunc: ({ inputs, backend }) => {
        const native = backend as NativeBackend;
        const { TF_ATTR_BOOL, TF_ATTR_TYPE, TF_FLOAT } = native.binding;
        const attributes = [
          { name: flag, type: TF_ATTR_BOOL, value },
          { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
        ];
        return native.executeMultipleOutputs(kernelName, attributes, [inputs.x!], 2);
      },
    });
  };
  register(linearAlgebraKernels.qr, 'full_matrices', false);
  register(linearAlgebraKernels.symmetricEigen, 'compute_v', true);
}
