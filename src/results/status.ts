import { z } from 'zod';

export const statusSchema = z.object({
  state: z.enum(['running', 'finished', 'diverged', 'interrupted', 'failed', 'stopped_at_target']),
  /** Updates made so far. */
  step: z.int().min(0),
  steps: z.int().min(0),
  /** Why it ended before its last step. */
  message: z.string().optional(),
  parameters: z.number().optional(),
  non_embedding_parameters: z.number().optional(),
  /** Optimizer state, float32, without weights and gradients. */
  state_bytes: z.number().optional(),
  /** The same by the SOAP paper's formulas; left out where it has none. */
  paper_state_bytes: z.number().optional(),
  /** Floating-point operations of an optimizer step, refreshes spread over the steps between them. */
  optimizer_flops: z.number().optional(),
  /** What an optimizer step takes beyond AdamW, counted and by the paper's formulas. */
  flops_over_adamw: z.number().optional(),
  paper_flops_over_adamw: z.number().optional(),
  /** Whether other runs were trained beside it for some of its time: its times are then no measure. */
  shared_machine: z.boolean().optional(),
  /** Share of all processors' time that other processes took while it was trained, 0 to 1; of several sittings, the largest. */
  busy: z.number().optional(),
  /** Steps of the checkpoints that the run went on from, each time it did. */
  resumed_from: z.array(z.int()).readonly().optional(),
  pid: z.number().optional(),
  started_at: z.string(),
  ended_at: z.string().optional(),
});

/** status.json of a run: where it stands. */
export type RunStatus = Readonly<z.infer<typeof statusSchema>>;

/** `not_started` while the run has written no status. */
export type RunState = RunStatus['state'] | 'not_started';

/** The state of a run by its status. */
export function runState(status: RunStatus | undefined): RunState {
  return status?.state ?? 'not_started';
}

/** Whether there is nothing left to train: the same steps would end the same way. */
export function hasEnded({ state }: { readonly state: string }): boolean {
  return state === 'finished' || state === 'stopped_at_target' || state === 'diverged';
}
