/** How the learning rate goes over a run, under the names the YAML uses. */
export type Schedule = { readonly warmup_steps: number } & (
  | { readonly name: 'constant' }
  | { readonly name: 'linear'; readonly final_fraction: number }
  | { readonly name: 'cosine'; readonly final_fraction: number }
  | { readonly name: 'wsd'; readonly decay_fraction: number; readonly final_fraction: number }
);

/**
 * The share of the peak learning rate at a call, counted from 1. It rises linearly over `warmup_steps` calls, is 1 at the
 * last of them, and reaches `final_fraction` at the last call of the run.
 */
export function scheduleFactor(schedule: Schedule, call: number, steps: number): number {
  const { warmup_steps: warmup } = schedule;
  if (call < warmup) return call / warmup;
  const progress = steps > warmup ? (call - warmup) / (steps - warmup) : 0;
  switch (schedule.name) {
    case 'constant':
      return 1;
    case 'linear':
      return decayed(progress, schedule.final_fraction);
    case 'cosine':
      return decayed((1 - Math.cos(Math.PI * progress)) / 2, schedule.final_fraction);
    case 'wsd': {
      const decaySteps = Math.max(1, Math.round(schedule.decay_fraction * steps));
      return decayed(Math.max(0, (call - (steps - decaySteps)) / decaySteps), schedule.final_fraction);
    }
  }
}

/** From 1 at progress 0 to `final` at progress 1. */
function decayed(progress: number, final: number): number {
  return 1 - (1 - final) * progress;
}
