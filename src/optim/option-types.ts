import { z } from 'zod';
import { whole } from '../whole.js';

/** Option types that optimizers share, with their valid ranges. */
export const learningRate = z.number().positive().describe('Peak learning rate; the schedule scales it.');
export const beta = z.number().min(0).lt(1);
export const betas = z.tuple([beta, beta]).describe('Decay rates of the first and second moment averages.');
/** A smaller ε underflows in float32, and weights without a gradient would become 0/0. */
export const epsilon = z.number().min(1e-37);
export const weightDecay = z
  .number()
  .nonnegative()
  .describe('Decoupled weight decay, multiplied by the learning rate.');
/** Steps of warm-up: at most as long as the run, and scaled with its length under `budgets`. */
export const warmupSteps = whole(0).default(0).meta({ warmup: true });
export const period = z.number().int().min(1);
export const maxPrecondDim = z.number().int().min(0).default(10000);
export const maxRefreshFailures = z
  .number()
  .int()
  .min(0)
  .default(3)
  .describe('Refreshes in a row that may fail somewhere; one more ends the run as diverged.');
