import {
  add,
  customGrad,
  div,
  logSumExp,
  mean,
  mul,
  oneHot,
  reshape,
  softmax,
  square,
  stack,
  sub,
  sum,
  unstack,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** The two terms of the training loss, each a rank-0 tensor. */
export interface LossTerms {
  /** Mean negative log-likelihood, nats a token. */
  readonly crossEntropy: Tensor;
  /** Mean of logsumexp(logits)²: the z-loss before its coefficient. */
  readonly squaredLogPartition: Tensor;
}

/**
 * Loss terms of targets int32 [N] under logits [N, vocabulary].
 * The gradient is written out because it needs a single softmax: with s = softmax, z = logsumexp and y the one-hot target,
 * d crossEntropy = (s − y) / N and d squaredLogPartition = 2·z·s / N.
 */
export function lossTerms(logits: Tensor, targets: Tensor): LossTerms {
  const [tokens, vocabulary] = logits.shape as [number, number];
  const oneHotTargets = (ids: Tensor) => oneHot(ids, vocabulary); // (N, vocabulary)
  const terms = customGrad((x, save) => {
    const scores = x as Tensor;
    const logPartition = logSumExp(scores, -1); // (N)
    const targetScores = sum(mul(scores, oneHotTargets(targets)), -1); // (N)
    (save as (tensors: Tensor[]) => void)([scores, logPartition, targets]);
    return {
      value: stack([mean(sub(logPartition, targetScores)), mean(square(logPartition))]),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [scores, logPartition, ids] = saved as [Tensor, Tensor, Tensor];
        const [dCrossEntropy, dSquared] = unstack(div(dy, tokens)) as [Tensor, Tensor];
        const softmaxWeight = reshape(add(mul(logPartition, mul(dSquared, 2)), dCrossEntropy), [tokens, 1]);
        return sub(mul(softmax(scores), softmaxWeight), mul(oneHotTargets(ids), dCrossEntropy));
      },
    };
  })(logits);
  const [crossEntropy, squaredLogPartition] = unstack(terms) as [Tensor, Tensor];
  return { crossEntropy, squaredLogPartition };
}
