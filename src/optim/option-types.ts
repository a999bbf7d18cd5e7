import { z } from 'zod';
import { whole } from '../whole.js';

/**
 * Which values of an option can make a step take longer: `none`, only zero or null against all others, or `any`. Every
 * numeric option has this mark, because step times are shared between settings that differ in nothing else.
 */
export type StepTimeEffect = 'none' | 'zero' | 'any';

/** A number that an update only calculates with. */
export const coefficient = { stepTime: 'none' } as const;
/** A number that switches a part of the update off when it is zero or null. */
export const partWhenNotZero = { stepTime: 'zero' } as const;
/** A number that decides what an update does: how often, how many times, with which tensors. */
export const structure = { stepTime: 'any' } as const;

/** Option types that optimizers share, with their valid ranges. */
export const learningRate = z
  .number()
  .positive()
  .describe('Peak learning rate; the schedule scales it.')
  .meta(coefficient);
export const beta = z.number().min(0).lt(1).meta(coefficient);
export const betas = z
  .tuple([beta, beta])
  .describe('Decay rates of the first and second moment averages.')
  .meta(coefficient);
/** A smaller ε underflows in float32, and weights without a gradient would become 0/0. */
export const epsilon = z.number().min(1e-37).meta(coefficient);
export const weightDecay = z
  .number()
  .nonnegative()
  .describe('Decoupled weight decay, multiplied by the learning rate.')
  .meta(partWhenNotZero);
/** Steps of warm-up: at most as long as the run, and scaled with its length under `budgets`. */
export const warmupSteps = whole(0)
  .default(0)
  .meta({ warmup: true, ...coefficient });
export const period = z.number().int().min(1).meta(structure);
export const maxPrecondDim = z.number().int().min(0).default(10000).meta(structure);
export const maxRefreshFailures = z
  .number()
  .int()
  .min(0)
  .default(3)
  .describe('Refreshes in a row that may fail somewhere; one more ends the run as diverged.')
  .meta(coefficient);
