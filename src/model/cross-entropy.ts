import {
  add,
  concat,
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
  slice,
  square,
  stack,
  sub,
  unstack,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** The two terms of the training loss, each a rank-0 tensor. */
export interface LossTerms {
  /** Mean negative log-likelihood, in nats per token. */
  readonly crossEntropy: Tensor;
  /** Mean of logsumexp(logits)²: the z-loss before its coefficient. */
  readonly squaredLogPartition: Tensor;
}

/** The largest int32. Engines index with int32. */
const largestIndex = 2 ** 31 - 1;

/**
 * Looks up the score [N] of each target id int32 [N] in scores [N, vocabulary].
 * @param elements Scores that one gather may index. More are looked up a few rows at a time, because the indices would
 *   overflow int32: with GPT-2's vocabulary this happens at 43,000 tokens.
 */
export function scoresOf(targets: Tensor, scores: Tensor, elements = largestIndex): Tensor {
  const [tokens, vocabulary] = scores.shape as [number, number];
  const rows = Math.max(1, Math.floor(elements / vocabulary));
  if (tokens > rows) {
    const starts = Array.from({ length: Math.ceil(tokens / rows) }, (_, i) => i * rows);
    const part = (x: Tensor, start: number) => slice(x, start, Math.min(rows, tokens - start));
    return concat(starts.map((start) => scoresOf(part(targets, start), part(scores, start), elements)));
  }
  const places = add(mul(range(0, tokens, 1, 'int32'), scalar(vocabulary, 'int32')), targets);
  return gather(reshape(scores, [tokens * vocabulary]), places);
}

/**
 * Loss terms of targets int32 [N] under logits [N, vocabulary].
 * The gradient is explicit because it then needs a single softmax: with s = softmax, z = logsumexp and the one-hot target y,
 * d crossEntropy = (s − y) / N and d squaredLogPartition = 2·z·s / N.
 */
export function lossTerms(logits: Tensor, targets: Tensor): LossTerms {
  const [tokens, vocabulary] = logits.shape as [number, number];
  const terms = customGrad((x, save) => {
    const scores = x as Tensor;
    const logPartition = logSumExp(scores, -1, true); // (N, 1)
    const targetScores = scoresOf(targets, scores); // (N)
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
