import { extent } from '../extent.js';
import { lossSoFar } from '../results/final-loss.js';
import type { FoundRun } from '../results/find.js';
import type { FoundState } from '../results/found-state.js';
import { jsonValue } from '../files/json-value.js';

/** A run in a list. Null is unknown; the final loss of a diverged run is infinite. Losses are nats a token. */
export interface RunRow {
  readonly run: string;
  readonly experiment: string;
  readonly setting: string;
  readonly optimizer: string | null;
  readonly lr: number | null;
  readonly seed: number | null;
  readonly state: FoundState;
  /** Updates made at the last evaluation, or the end. */
  readonly step: number;
  /** Updates asked for. */
  readonly steps: number | null;
  /** The last evaluation, of a run that is not finished the last one so far. */
  readonly final_loss: number | null;
  readonly best_loss: number | null;
  readonly train_time_s: number | null;
  readonly eval_time_s: number | null;
  /** ISO 8601, UTC. */
  readonly started_at: string | null;
  readonly ended_at: string | null;
  /** Why the run ended before its last step, or why it cannot be read. */
  readonly message: string | null;
  readonly directory: string;
}

export function runRow({ name, experiment, setting, directory, state, config, overview, problem }: FoundRun): RunRow {
  const evaluations = overview?.evaluations ?? [];
  const last = evaluations.at(-1);
  const losses = evaluations.map(({ loss }) => loss).filter((loss) => !Number.isNaN(loss));
  const status = overview?.status;
  return {
    run: name,
    experiment,
    setting,
    optimizer: config?.optimizer ?? null,
    lr: config?.options.lr ?? null,
    seed: config?.seed ?? null,
    state,
    step: Math.max(status?.step ?? 0, last?.step ?? 0),
    steps: config?.train.steps ?? null,
    final_loss: (overview && lossSoFar(overview)) ?? null,
    best_loss: losses.length === 0 ? null : extent(losses)[0],
    train_time_s: last?.train_time_s ?? null,
    eval_time_s: last?.eval_time_s ?? null,
    started_at: status?.started_at ?? null,
    ended_at: status?.ended_at ?? null,
    message: problem ?? status?.message ?? null,
    directory,
  };
}

/** A row for JSON, which has no infinities: they become "inf". */
export function runRowJson(row: RunRow): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, jsonValue(value)]));
}
