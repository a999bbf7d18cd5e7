import { addedLater, countColumn, numberColumn, wordColumn, type RowOf } from '../files/columns.js';

/*
 * The rows that training writes, as data: the types, the CSV files with their readers, the tables of `soap-bench query` and
 * those of docs/outputs.md follow from these columns. Their order is that of the files.
 */

/** The columns of metrics.csv. */
export const stepColumns = {
  step: countColumn('steps', 'the step of this row'),
  tokens: countColumn('tokens', 'seen in training up to and with this step'),
  split: wordColumn('train'),
  loss: numberColumn('nats', 'mean over the step’s batch, before its update'),
  lr: numberColumn('', 'learning rate of the step: the schedule’s, or that of the optimizer’s own warm-up'),
  grad_norm: numberColumn('', '2-norm of the whole gradient before clipping'),
  update_norm: numberColumn('', '2-norm of the change of all weights'),
  step_ms: numberColumn('ms', 'training time of this step'),
  optimizer_share: numberColumn('0 to 1', 'part of step_ms in the optimizer: clipping, update, refresh of its factors'),
  refresh_failures: addedLater(countColumn('count', 'refreshes of a basis or root so far that were not finite')),
  train_time_s: numberColumn('s', 'training clock after the step'),
  eval_time_s: numberColumn('s', 'evaluation clock after the step'),
  tensors: countColumn('tensors', 'alive in the engine after the step; growth is a leak'),
  rss_bytes: countColumn('bytes', 'memory of the run’s process'),
};

/** A row of metrics.csv. `loss` is the loss of the step's batch before the update. */
export type StepRow = RowOf<typeof stepColumns>;

/** The columns of eval.csv; the last three are NaN for an optimizer without bases, and before the first ones. */
export const evaluationColumns = {
  step: countColumn('steps', 'updates made before this evaluation'),
  tokens: countColumn('tokens', 'seen in training'),
  split: wordColumn('val'),
  loss: numberColumn('nats', 'mean over the first train.eval_tokens validation tokens, whole sequences of context'),
  train_time_s: numberColumn('s', 'training clock'),
  eval_time_s: numberColumn('s', 'evaluation clock, with this evaluation on it'),
  basis_error: addedLater(numberColumn('', '‖QᵀQ − I‖ (Frobenius) of SOAP’s worst basis')),
  off_diagonal_share: addedLater(
    numberColumn('0 to 1', 'part of the norm of QᵀGGQ off its diagonal, at the worst basis; 0 in the eigenbasis'),
  ),
  smallest_eigenvalue: addedLater(
    numberColumn('', 'of all factors, as the diagonal of QᵀGGQ estimates it; below zero it is rounding'),
  ),
};

/** A row of eval.csv: the validation loss after `step` steps. */
export type EvaluationRow = RowOf<typeof evaluationColumns>;
