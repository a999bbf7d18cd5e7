import { add, addN, div, minimum, mul, reshape, sqrt, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors, Shape, Signature, StepFunction } from '../engine/engine.js';
import type { ModelConfig } from '../model/config.js';
import { lossTerms } from '../model/cross-entropy.js';
import { gptLogits } from '../model/gpt.js';
import { gradientsWithReport } from '../ops/gradients.js';
import type { Optimizer, ParameterInfo } from '../optim/optimizer.js';

/*
 * The pure functions of a run. One step is one `gradientStep` per microbatch and one `updateStep`.
 * All state is flat: weights under their own names, gradients under `<parameter>/grad`, optimizer state under
 * `<parameter>/<slot>`.
 */

/** The state entry of a parameter's gradient. */
export const gradientOf = (parameter: string) => `${parameter}/grad`;

/** Names and shapes of everything that a run keeps from step to step. */
export function trainingState(parameters: readonly ParameterInfo[], optimizer: Optimizer): Record<string, Shape> {
  return {
    ...Object.fromEntries(parameters.map(({ name, shape }) => [name, shape])),
    ...Object.fromEntries(parameters.map(({ name, shape }) => [gradientOf(name), shape])),
    ...optimizer.stateShapes,
  };
}

/** Inputs of a batch: tokens and their successors, each int32 [sequences, context]. */
export function batchSignature(sequences: number, context: number): Signature {
  const tokens = { shape: [sequences, context], dtype: 'int32' } as const;
  return { inputs: tokens, targets: tokens };
}

/**
 * Computes the gradients of one microbatch. The first one starts the sum and the others add to it. Each is weighted by
 * 1/`microbatches`, so that the sum is the gradient of the mean.
 * Output `loss`: cross-entropy in nats per token, without the z-loss.
 */
export function gradientStep(
  model: ModelConfig,
  parameters: readonly ParameterInfo[],
  { microbatches, first }: { microbatches: number; first: boolean },
): StepFunction {
  const names = parameters.map(({ name }) => name);
  return (state, { inputs, targets }) => {
    const { report, gradients } = gradientsWithReport(
      (values) => {
        const weights = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
        const terms = lossTerms(gptLogits(model, weights, inputs!), reshape(targets!, [-1]));
        const loss = add(terms.crossEntropy, mul(terms.squaredLogPartition, model.z_loss));
        return { value: div(loss, microbatches), report: terms.crossEntropy };
      },
      names.map((name) => state[name]!),
    );
    const sums = names.map((name, i) => {
      const gradient = gradients[i]!;
      return [gradientOf(name), first ? gradient : add(state[gradientOf(name)]!, gradient)] as const;
    });
    return { state: Object.fromEntries(sums), outputs: { loss: report } };
  };
}

/** Inputs of an update: the scalars of the optimizer's rules. */
export function updateSignature(optimizer: Optimizer): Signature {
  const scalars = Object.keys(optimizer.scalars({ number: 1, lr: 0 }));
  return Object.fromEntries(scalars.map((name) => [name, { shape: [], dtype: 'float32' as const }]));
}

/**
 * Clips the gradients to a global norm and updates the weights, in one of the optimizer's phases.
 * Outputs: `grad_norm` before clipping; `update_norm`, the Frobenius norm of the change of all weights; and, in phases that
 * refresh something, `refresh_failures`, the number of failed refreshes.
 */
export function updateStep(
  parameters: readonly ParameterInfo[],
  optimizer: Optimizer,
  { phase, gradClip }: { phase: string; gradClip: number | null },
): StepFunction {
  const names = parameters.map(({ name }) => name);
  return (state, scalars) => {
    const pick = (of: (name: string) => Tensor) => Object.fromEntries(names.map((name) => [name, of(name)]));
    const gradNorm = globalNorm(names.map((name) => state[gradientOf(name)]!));
    const scale = gradClip === null ? undefined : clipScale(gradNorm, gradClip);
    const weights = pick((name) => state[name]!);
    const gradients = pick((name) => {
      const gradient = state[gradientOf(name)]!;
      return scale ? mul(gradient, scale) : gradient;
    });
    const next = optimizer.update({ phase, scalars }, weights, gradients, state);
    const changes = names.map((name) => sub(next.weights[name]!, weights[name]!));
    return {
      state: { ...next.weights, ...next.state },
      outputs: {
        grad_norm: gradNorm,
        update_norm: globalNorm(changes),
        ...(next.refreshFailures && { refresh_failures: next.refreshFailures }),
      },
    };
  };
}

/** Output `loss`: the cross-entropy of a batch in nats per token, with the optimizer's evaluation weights. */
export function evaluationStep(model: ModelConfig, optimizer: Optimizer): StepFunction {
  return (state: NamedTensors, { inputs, targets }) => {
    const logits = gptLogits(model, optimizer.evaluationWeights(state), inputs!);
    return { state: {}, outputs: { loss: lossTerms(logits, reshape(targets!, [-1])).crossEntropy } };
  };
}

/** Outputs the optimizer's evaluation weights by name. */
export function evaluatedWeightsStep(optimizer: Optimizer): StepFunction {
  return (state: NamedTensors) => ({ state: {}, outputs: optimizer.evaluationWeights(state) });
}

/** Outputs the quality of the optimizer's bases, as `inspect` returns it. For optimizers with bases only. */
export function inspectionStep(optimizer: Optimizer): StepFunction {
  return (state: NamedTensors) => ({ state: {}, outputs: { ...optimizer.inspect(state) } });
}

function globalNorm(tensors: readonly Tensor[]): Tensor {
  return sqrt(addN(tensors.map((x) => sum(square(x)))));
}

/** The scale of torch.nn.utils.clip_grad_norm_. The small number prevents 0/0 for a zero gradient. */
function clipScale(norm: Tensor, maximum: number): Tensor {
  return minimum(div(maximum, add(norm, 1e-6)), 1);
}
