import { registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import { write, type HostBackend } from '../host-kernels.js';

/**
 * Registers `UnsortedSegmentSum` for the wasm backend, which lacks it. The gradient of `gather`, and so of the token
 * embedding, needs it. It sums rows of x [n, …] into the segments given by ids [n], and skips ids outside the range.
 */
export function registerSegmentSum(backendName: string): void {
  registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const host = backend as HostBackend;
      const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo };
      const { numSegments } = attrs as unknown as { numSegments: number };
      const ids = host.readSync(segmentIds.dataId) as Int32Array;
      const values = host.readSync(x.dataId) as Float32Array;
      const width = values.length / ids.length;
      const sums = new Float32Array(numSegments * width);
      ids.forEach((segment, row) => {
        if (segment < 0 || segment >= numSegments) return;
        for (let column = 0; column < width; column++) {
          sums[segment * width + column]! += values[row * width + column]!;
        }
      });
      return write(host, sums, [numSegments, ...x.shape.slice(segmentIds.shape.length)]);
    },
  });
}
