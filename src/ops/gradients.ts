import { clone, grads, keep, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Computes the gradients of a scalar function that also reports a tensor.
 * @param fn Returns the scalar to differentiate and the tensor to report.
 * @returns The reported tensor and the gradient for each of `xs`, in their order.
 */
export function gradientsWithReport(
  fn: (xs: Tensor[]) => { value: Tensor; report: Tensor },
  xs: Tensor[],
): { report: Tensor; gradients: Tensor[] } {
  // TensorFlow.js disposes of everything except the gradients, unless it is kept.
  let kept: Tensor | undefined;
  const gradients = grads((...values: Tensor[]) => {
    const { value, report } = fn(values);
    kept = keep(clone(report));
    return value;
  })(xs);
  const report = clone(kept!);
  kept!.dispose();
  return { report, gradients };
}
