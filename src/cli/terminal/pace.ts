import type { EvaluationRow, StepRow } from '../../train/rows.js';
import { plural } from '../../format.js';

/** Where a run stands, in words. */
export class Pace {
  #validation = NaN;
  #recent: StepRow[] = [];

  constructor(
    readonly steps: number,
    readonly batchTokens: number,
  ) {}

  /** A process begins, or begins again after a crash. */
  start(): void {
    this.#recent = [];
  }

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

/** Where several runs stand together: runs done, and the time until the last step as these processes have been going. */
export class OverallPace {
  readonly #total: number;
  readonly #began = performance.now();
  /** Steps that are behind each run. */
  readonly #behind = new Map<string, number>();
  /** Steps that these processes have made. */
  #made = 0;
  #done = 0;

  /** @param runs Steps of each, by their labels. */
  constructor(readonly runs: ReadonlyMap<string, number>) {
    this.#total = [...runs.values()].reduce((sum, steps) => sum + steps, 0);
  }

  get total(): number {
    return this.#total;
  }

  get steps(): number {
    return [...this.#behind.values()].reduce((sum, steps) => sum + steps, 0);
  }

  step(label: string, step: number): void {
    this.#behind.set(label, step);
    this.#made++;
  }

  /** Nothing is left of a run that has ended, however it did, unless it was stopped to go on later. */
  end(label: string, ending: string): void {
    if (ending === 'interrupted') return;
    this.#behind.set(label, this.runs.get(label)!);
    this.#done++;
  }

  /** `3 of 12 runs  12:40 left`. */
  text(now = performance.now()): string {
    const done = `${this.#done} of ${plural(this.runs.size, 'run')}`;
    if (this.#made === 0 || this.steps === this.#total) return done;
    const seconds = (now - this.#began) / 1000;
    return `${done}  ${minutes(((this.#total - this.steps) * seconds) / this.#made)} left`;
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
