import type { LoopOutcome } from '../train/loop.js';
import type { EvaluationRow, StepRow } from '../train/rows.js';

/** What a run's process tells the process that started it. */
export type RunMessage =
  | {
      readonly type: 'engine';
      readonly engine: string;
      readonly device: string;
      readonly version: string;
      readonly compiled: boolean;
    }
  | { readonly type: 'fallback'; readonly line: string }
  | { readonly type: 'warning'; readonly line: string }
  | { readonly type: 'step'; readonly row: StepRow }
  | { readonly type: 'evaluation'; readonly row: EvaluationRow }
  | { readonly type: 'outcome'; readonly outcome: LoopOutcome }
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly hint?: string | undefined };
