import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { noteColors } from './colors.js';
import type { EvaluationRow, StepRow } from '../train/loop.js';
import { note } from './output.js';

/** Shows how runs get on. */
export interface ProgressDisplay {
  step(label: string, row: StepRow): void;
  evaluation(label: string, row: EvaluationRow): void;
  /** `ending` says how the run ended, in a word or two. */
  end(label: string, ending: string): void;
  /** Leaves the screen as it is. */
  close(): void;
}

/** A run that is to be shown. */
export interface DisplayedRun {
  readonly label: string;
  readonly steps: number;
  readonly batchTokens: number;
}

// More would not fit on a screen, and cannot be redrawn once they have left it.
const mostBars = 20;

/** Bars on a terminal, plain lines elsewhere and for many runs. */
export function openDisplay(runs: readonly DisplayedRun[]): ProgressDisplay {
  return process.stderr.isTTY && runs.length <= mostBars ? new BarDisplay(runs) : new LineDisplay(runs);
}

/** Shows nothing. */
export const silentDisplay: ProgressDisplay = {
  step: () => undefined,
  evaluation: () => undefined,
  end: () => undefined,
  close: () => undefined,
};

/** Where a run stands, for either display. */
class Pace {
  #validation = NaN;
  #recent: StepRow[] = [];

  constructor(
    readonly steps: number,
    readonly batchTokens: number,
  ) {}

  step(row: StepRow): void {
    this.#recent = [...this.#recent.slice(-19), row];
  }

  evaluation({ loss }: EvaluationRow): void {
    this.#validation = loss;
  }

  /** `loss 5.123  val 5.345  9.3k tok/s  0:42 left`. */
  text(): string {
    const last = this.#recent.at(-1);
    const loss = last === undefined ? '' : `loss ${last.loss.toFixed(3)}  `;
    const validation = Number.isNaN(this.#validation) ? '' : `val ${this.#validation.toFixed(3)}  `;
    const first = this.#recent[0];
    if (last === undefined || first === undefined || last === first) return `${loss}${validation}starting`;
    const steps = last.step - first.step;
    const trainSeconds = last.train_time_s - first.train_time_s;
    const allSeconds = trainSeconds + last.eval_time_s - first.eval_time_s;
    const speed = compact((steps * this.batchTokens) / trainSeconds);
    const left = ((this.steps - last.step) * allSeconds) / steps;
    return `${loss}${validation}${speed} tok/s  ${minutes(left)} left`;
  }

  /** `val 5.345  finished after 1:02`. */
  ending(state: string): string {
    const last = this.#recent.at(-1);
    const validation = Number.isNaN(this.#validation) ? '' : `val ${this.#validation.toFixed(3)}  `;
    return last === undefined ? state : `${validation}${state} after ${minutes(last.train_time_s + last.eval_time_s)}`;
  }
}

class BarDisplay implements ProgressDisplay {
  readonly #bars: MultiBar;
  readonly #runs = new Map<string, { bar: SingleBar; pace: Pace }>();

  constructor(runs: readonly DisplayedRun[]) {
    this.#bars = new MultiBar(
      {
        format: `${noteColors.bold('{label}')} ${noteColors.cyan('{bar}')} {value}/{total}  {note}`,
        barsize: 14,
        hideCursor: true,
        gracefulExit: false,
        autopadding: true,
        fps: 5,
      },
      Presets.shades_classic,
    );
    const width = Math.max(...runs.map(({ label }) => label.length));
    for (const { label, steps, batchTokens } of runs) {
      const bar = this.#bars.create(steps, 0, { label: label.padEnd(width), note: noteColors.dim('waiting') });
      this.#runs.set(label, { bar, pace: new Pace(steps, batchTokens) });
    }
  }

  step(label: string, row: StepRow): void {
    const { bar, pace } = this.#runs.get(label)!;
    pace.step(row);
    bar.update(row.step, { note: pace.text() });
  }

  evaluation(label: string, row: EvaluationRow): void {
    const { bar, pace } = this.#runs.get(label)!;
    pace.evaluation(row);
    bar.update({ note: pace.text() });
  }

  end(label: string, ending: string): void {
    const { bar, pace } = this.#runs.get(label)!;
    bar.update({ note: pace.ending(ending) });
  }

  close(): void {
    this.#bars.stop();
  }
}

/** A line an evaluation, for logs. */
class LineDisplay implements ProgressDisplay {
  readonly #paces: Map<string, Pace>;

  constructor(runs: readonly DisplayedRun[]) {
    this.#paces = new Map(runs.map(({ label, steps, batchTokens }) => [label, new Pace(steps, batchTokens)]));
  }

  step(label: string, row: StepRow): void {
    this.#paces.get(label)!.step(row);
  }

  evaluation(label: string, row: EvaluationRow): void {
    const pace = this.#paces.get(label)!;
    pace.evaluation(row);
    note(`${label} ${row.step}/${pace.steps}  ${pace.text()}`);
  }

  end(label: string, ending: string): void {
    note(`${label} ${this.#paces.get(label)!.ending(ending)}`);
  }

  close(): void {
    // Every line is already written.
  }
}

/** 9312 → `9.3k`. */
function compact(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(1)}k` : value.toFixed(0);
}

/** Seconds as `m:ss`, with hours when there are any. */
export function minutes(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  const rest = `${String(Math.floor(total / 60) % 60).padStart(total >= 3600 ? 2 : 1, '0')}:${String(total % 60).padStart(2, '0')}`;
  return total >= 3600 ? `${Math.floor(total / 3600)}:${rest}` : rest;
}
