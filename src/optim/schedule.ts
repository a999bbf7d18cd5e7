import { z } from 'zod';
import { warmupSteps } from './option-types.js';

const warmup_steps = warmupSteps.describe('Steps in which the learning rate rises to its peak.');
const finalFraction = (fraction: number) =>
  z.number().min(0).max(1).default(fraction).describe('Learning rate of the last step, as a share of the peak.');

/** The learning rate schedule. */
export const scheduleSchema = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('constant').describe('The peak to the end.'), warmup_steps }),
  z.strictObject({
    name: z.literal('linear').describe('A straight line down.'),
    warmup_steps,
    final_fraction: finalFraction(0),
  }),
  z.strictObject({
    name: z.literal('cosine').describe('Half a cosine down, as in the SOAP paper.'),
    warmup_steps,
    final_fraction: finalFraction(0.1),
  }),
  z.strictObject({
    name: z.literal('wsd').describe('Warm-up, stable, decay: the peak, then a straight line down.'),
    warmup_steps,
    decay_fraction: z.number().gt(0).max(1).default(0.2).describe('Share of the steps, at the end, that decay.'),
    final_fraction: finalFraction(0),
  }),
]);

export type Schedule = z.output<typeof scheduleSchema>;

/**
 * The learning rate of a step (counted from 1) as a share of its peak. It rises linearly to 1 at step `warmup_steps`, and
 * reaches `final_fraction` at the last step.
 */
export function scheduleFactor(schedule: Schedule, step: number, steps: number): number {
  const { warmup_steps: warmup } = schedule;
  if (step < warmup) return step / warmup;
  const progress = steps > warmup ? (step - warmup) / (steps - warmup) : 0;
  switch (schedule.name) {
    case 'constant':
      return 1;
    case 'linear':
      return decayed(progress, schedule.final_fraction);
    case 'cosine':
      return decayed((1 - Math.cos(Math.PI * progress)) / 2, schedule.final_fraction);
    case 'wsd': {
      const decaySteps = Math.max(1, Math.round(schedule.decay_fraction * steps));
      return decayed(Math.max(0, (step - (steps - decaySteps)) / decaySteps), schedule.final_fraction);
    }
  }
}

/** Decays from 1 at progress 0 to `final` at progress 1. */
function decayed(progress: number, final: number): number {
  return 1 - (1 - final) * progress;
}
