import { clone, grads, keep, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Gradients of a scalar function that also has something to report.
 * @param fn Returns the scalar to differentiate and a tensor to hand out beside it.
 * @returns The reported tensor and the gradient for each of `xs`, in their order.
 */
export function gradientsWithReport(
  fn: (xs: Tensor[]) => { value: Tensor; report: Tensor },
  xs: Tensor[],
): { report: Tensor; gradients: Tensor[] } {
  // TensorFlow.js disposes of everything but the gradients when it has them; what is kept outlives that.
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
