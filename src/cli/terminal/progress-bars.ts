import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import type { EvaluationRow, StepRow } from '../../train/rows.js';
import { terminalText } from '../../terminal.js';
import { noteColors } from './colors.js';
import { note } from './output.js';
import { OverallPace, Pace } from './pace.js';
import type { DisplayedRun, ProgressDisplay } from './progress-display.js';

/** A terminal's size. */
interface Terminal {
  readonly rows: number;
  readonly columns: number;
}

/** What stands beside a bar: `200/200  loss 5.123  val 5.345  9.3k tok/s  0:42 left`. */
const textWidth = 56;

/**
 * A bar a run and, where there are several, one for the whole above them. When the terminal is too low for all, there are bars for the
 * runs that are being trained, and a line remains of each that has ended.
 */
export class BarDisplay implements ProgressDisplay {
  readonly #bars: MultiBar;
  readonly #runs: ReadonlyMap<string, DisplayedRun>;
  readonly #paces: ReadonlyMap<string, Pace>;
  readonly #overall: OverallPace;
  readonly #keepsBars: boolean;
  readonly #labelWidth: number;
  readonly #shown = new Map<string, SingleBar>();
  readonly #whole: SingleBar | undefined;

  constructor(runs: readonly DisplayedRun[], terminal: Terminal) {
    // Zero is a terminal that does not know.
    const rows = terminal.rows > 0 ? terminal.rows : 24;
    const columns = terminal.columns > 0 ? terminal.columns : 80;
    this.#runs = new Map(runs.map((run) => [run.label, run]));
    this.#paces = new Map(runs.map(({ label, steps, batchTokens }) => [label, new Pace(steps, batchTokens)]));
    this.#overall = new OverallPace(new Map(runs.map(({ label, steps }) => [label, steps])));
    this.#labelWidth = Math.max(...runs.map(({ label }) => label.length));
    // What has left the screen at its top cannot be redrawn.
    this.#keepsBars = runs.length + 1 < rows;
    this.#bars = new MultiBar(
      {
        format: terminalText(`${noteColors.bold('{label}')} ${noteColors.cyan('{bar}')} {value}/{total}  {note}`),
        barsize: Math.min(14, Math.max(4, columns - this.#labelWidth - textWidth)),
        hideCursor: true,
        gracefulExit: false,
        autopadding: true,
        fps: 5,
      },
      Presets.shades_classic,
    );
    if (runs.length > 1) this.#whole = this.#create(this.#overall.total, 'all', this.#overall.text());
    if (this.#keepsBars) for (const { label } of runs) this.#show(label, noteColors.dim('waiting'));
  }

  start(label: string): void {
    this.#paces.get(label)!.start();
    if (this.#shown.has(label)) return;
    this.#show(label, 'starting');
  }

  step(label: string, row: StepRow): void {
    const pace = this.#paces.get(label)!;
    pace.step(row);
    this.#overall.step(label, row.step);
    this.#shown.get(label)?.update(row.step, { note: pace.text() });
    this.#whole?.update(this.#overall.steps, { note: this.#overall.text() });
  }

  evaluation(label: string, row: EvaluationRow): void {
    const pace = this.#paces.get(label)!;
    pace.evaluation(row);
    this.#shown.get(label)?.update({ note: pace.text() });
  }

  end(label: string, ending: string): void {
    const text = this.#paces.get(label)!.ending(ending);
    this.#overall.end(label, ending);
    this.#whole?.update(this.#overall.steps, { note: this.#overall.text() });
    const bar = this.#shown.get(label);
    bar?.update({ note: text });
    if (this.#keepsBars || bar === undefined) return;
    this.#shown.delete(label);
    this.#bars.remove(bar);
    this.say(`${label.padEnd(this.#labelWidth)} ${text}`);
  }

  say(line: string): void {
    this.#bars.log(`${terminalText(line)}\n`);
    this.#bars.update();
  }

  close(): void {
    // Otherwise the last change is drawn with its colours counted as characters, and cut.
    this.#bars.update();
    this.#bars.stop();
    note('');
  }

  #show(label: string, text: string): void {
    this.#shown.set(label, this.#create(this.#runs.get(label)!.steps, label, text));
  }

  #create(total: number, label: string, text: string): SingleBar {
    const bar = this.#bars.create(total, 0, {
      label: label.padEnd(this.#labelWidth),
      note: terminalText(text),
    });
    // It has been drawn over the last one.
    this.#bars.update();
    return bar;
  }
}
