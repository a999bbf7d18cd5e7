import { getKernel, registerKernel, unregisterKernel, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';

interface WasmBackend {
  disposeData(dataId: object): boolean;
}

interface MatMulAttributes {
  transposeA: boolean;
  transposeB: boolean;
}

/**
 * Registers a faster matrix product for the wasm backend. Its kernel has a fast path for products of single matrices without
 * transposition and takes ten times as long for others, so this one transposes operands beforehand. Call it before the
 * backend starts.
 */
export function registerTransposingMatMul(): void {
  const original = getKernel('BatchMatMul', 'wasm');
  const { kernelFunc: multiply } = original;
  const { kernelFunc: transpose } = getKernel('Transpose', 'wasm');
  unregisterKernel('BatchMatMul', 'wasm');
  registerKernel({
    ...original,
    kernelFunc: (call) => {
      const { inputs, backend, attrs } = call;
      const { transposeA, transposeB } = attrs as unknown as MatMulAttributes;
      const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
      const isSingle = [a, b].every(({ shape }) => shape.slice(0, -2).every((size) => size === 1));
      if (!isSingle || (!transposeA && !transposeB)) return multiply(call);
      const left = transposeA ? transposed(a, transpose, backend) : a;
      const right = transposeB ? transposed(b, transpose, backend) : b;
      const plain = { transposeA: false, transposeB: false };
      const product = multiply({ inputs: { a: left, b: right }, backend, attrs: plain });
      for (const temporary of [left, right]) {
        if (temporary !== a && temporary !== b) (backend as WasmBackend).disposeData(temporary.dataId);
      }
      return product;
    },
  });
}

/** Transposes the last two dimensions. */
function transposed(x: TensorInfo, transpose: KernelFunc, backend: object): TensorInfo {
  const { length } = x.shape;
  const perm = [...Array(length - 2).keys(), length - 1, length - 2];
  return transpose({ inputs: { x }, backend, attrs: { perm } }) as TensorInfo;
}
