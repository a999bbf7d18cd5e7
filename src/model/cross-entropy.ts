import {
  add,
  customGrad,
  div,
  exp,
  gather,
  logSumExp,
  mean,
  mul,
  oneHot,
  range,
  reshape,
  scalar,
  square,
  stack,
  sub,
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
  const terms = customGrad((x, save) => {
    const scores = x as Tensor;
    const logPartition = logSumExp(scores, -1, true); // (N, 1)
    const places = add(mul(range(0, tokens, 1, 'int32'), scalar(vocabulary, 'int32')), targets);
    const targetScores = gather(reshape(scores, [tokens * vocabulary]), places); // (N)
    (save as (tensors: Tensor[]) => void)([scores, logPartition, targets]);
    return {
      value: stack([mean(sub(reshape(logPartition, [tokens]), targetScores)), mean(square(logPartition))]),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [scores, logPartition, ids] = saved as [Tensor, Tensor, Tensor];
        const [dCrossEntropy, dSquared] = unstack(div(dy, tokens)) as [Tensor, Tensor];
        const softmaxWeight = add(mul(logPartition, mul(dSquared, 2)), dCrossEntropy); // (N, 1)
        const softmax = exp(sub(scores, logPartition)); // (N, vocabulary)
        const hits = oneHot(ids, vocabulary); // (N, vocabulary)
        return sub(mul(softmax, softmaxWeight), mul(hits, dCrossEntropy));
      },
    };
  })(logits);
  const [crossEntropy, squaredLogPartition] = unstack(terms) as [Tensor, Tensor];
  return { crossEntropy, squaredLogPartition };
}
