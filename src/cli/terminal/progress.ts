import type { EvaluationRow, StepRow } from '../../train/rows.js';
import { canRedraw } from '../../terminal.js';
import type { DisplayedRun, ProgressDisplay } from './progress-display.js';
import { note } from './output.js';
import { OverallPace, Pace } from './pace.js';
import { BarDisplay } from './progress-bars.js';

/** Bars on a terminal that can draw them, plain lines elsewhere. */
export function openDisplay(runs: readonly DisplayedRun[]): ProgressDisplay {
  return canRedraw(process.stderr) ? new BarDisplay(runs, process.stderr) : new LineDisplay(runs);
}

/** A line an evaluation, for logs. */
class LineDisplay implements ProgressDisplay {
  readonly #paces: Map<string, Pace>;
  readonly #overall: OverallPace;

  constructor(runs: readonly DisplayedRun[]) {
    this.#paces = new Map(runs.map(({ label, steps, batchTokens }) => [label, new Pace(steps, batchTokens)]));
    this.#overall = new OverallPace(new Map(runs.map(({ label, steps }) => [label, steps])));
  }

  start(label: string): void {
    this.#paces.get(label)!.start();
  }

  step(label: string, row: StepRow): void {
    this.#paces.get(label)!.step(row);
    this.#overall.step(label, row.step);
  }

  evaluation(label: string, row: EvaluationRow): void {
    const pace = this.#paces.get(label)!;
    pace.evaluation(row);
    note(`${label} ${row.step}/${pace.steps}  ${pace.text()}`);
  }

  end(label: string, ending: string): void {
    this.#overall.end(label, ending);
    const all = this.#paces.size === 1 ? '' : `  (${this.#overall.text()})`;
    note(`${label} ${this.#paces.get(label)!.ending(ending)}${all}`);
  }

  say(line: string): void {
    note(line);
  }

  close(): void {
    // Every line is already written.
  }
}
