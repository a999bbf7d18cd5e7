import { settingText } from '../config/setting-text.js';
import { finalLoss } from '../results/final-loss.js';
import type { Study, StudyTuning } from '../results/study.js';
import { decide } from '../tuning/decide.js';
import { admits, settingChoices } from '../tuning/setting.js';
import type { Edge, Trial, Winner } from '../tuning/tuning.js';
import { runState, type RunState } from '../results/status.js';

/** A setting that was tried, and what it came to. */
export interface TriedSetting extends Trial {
  readonly id: string;
  readonly seed: number;
  readonly state: RunState;
  /** The final validation loss in nats a token; infinite when it diverged or failed, null while it is not known. */
  readonly loss: number | null;
  /** Whether it was chosen, for its budget or also for others. */
  readonly isWinner: boolean;
  /** Of a winner: the options whose best value is the smallest or the largest that was tried. */
  readonly edges: readonly Edge[];
}

/** What was chosen by one trial. */
export interface ChosenSetting extends Winner {
  /** The settings that are compared for it, one a budget: `soap lr=0.02 train.steps=400`. */
  readonly settings: readonly string[];
}

/** What came of a tuning. */
export interface TuningResult {
  /** `soap`, with what sets it apart from other tunings of the label. */
  readonly title: string;
  readonly label: string;
  readonly tried: readonly TriedSetting[];
  /** Undefined while something is still to be tried; empty when everything diverged or failed. */
  readonly chosen: readonly ChosenSetting[] | undefined;
}

/** What came of a sweep's tunings, from the losses in its runs. */
export function tuningResults({ tunings }: Pick<Study, 'tunings'>): TuningResult[] {
  return tunings.map(resultOf);
}

/** `lr is the largest tried` */
export function edgeText(edges: readonly Edge[]): string {
  return edges.map(({ key, side }) => `${key} is the ${side} tried`).join(', ');
}

function resultOf(tuning: StudyTuning): TuningResult {
  const { label, choices, tried } = tuning;
  const losses = new Map(tried.map((trial) => [keyOf(trial), finalLoss(trial.run)]));
  const { winners } = decide(tuning, {
    lossOf: (values, budget) => losses.get(keyOf({ values, budget })),
    admits: (values) => admits(tuning, values),
  });
  const chosen = new Map<string, ChosenSetting>();
  for (const { budget, config } of tuning.templates) {
    const winner = winners?.get(config.train.steps);
    if (winner === undefined) continue;
    const setting = settingText(label, settingChoices(tuning, { budget }, winner.values));
    const settings = new Set([...(chosen.get(keyOf(winner))?.settings ?? []), setting]);
    chosen.set(keyOf(winner), { ...winner, settings: [...settings] });
  }
  return {
    title: settingText(label, choices),
    label,
    chosen: winners && [...chosen.values()],
    tried: tried.map((trial) => {
      const { id, seed, run, values, budget, stage } = trial;
      const winner = chosen.get(keyOf(trial));
      return {
        id,
        seed,
        values,
        budget,
        stage,
        state: runState(run.status),
        loss: losses.get(keyOf(trial)) ?? null,
        isWinner: winner !== undefined,
        edges: winner?.edges ?? [],
      };
    }),
  };
}

function keyOf({ values, budget }: Pick<Trial, 'values' | 'budget'>): string {
  return JSON.stringify([values, budget]);
}
