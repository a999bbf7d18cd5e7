import { extent } from '../../extent.js';
import { createColors } from '../../terminal.js';
import type { Run } from '../../results/read-run.js';
import type { EvaluationRow } from '../../train/rows.js';
import { lossText } from '../../format.js';
import { runState } from '../../results/status.js';
import { steepPart } from '../steep-part.js';
import { ticks } from '../ticks.js';

export interface PlotOptions {
  /** Drawn as a dotted line; null draws none. */
  readonly target: number | null;
  /** Characters a line may have. */
  readonly width: number;
  /** Lines of the plot itself, without axis and legend. */
  readonly height: number;
  readonly color: boolean;
}

interface Curve {
  readonly label: string;
  readonly mark: string;
  readonly style: (text: string) => string;
  readonly points: readonly EvaluationRow[];
  readonly diverged: boolean;
}

interface Range {
  readonly low: number;
  readonly high: number;
  /** Whether some losses lie above. */
  readonly clipped: boolean;
}

// Plain letters and signs: every terminal font has them, and they differ without colour.
const marks = ['o', '+', 'x', '#', '@', '%', '&', '='];
const targetMark = '╌';

/** Validation loss against steps, a mark for every run, in text. */
export function lossPlot(runs: readonly Run[], { target, width, height, color }: PlotOptions): string {
  const colors = createColors(color);
  const styles = [colors.cyan, colors.yellow, colors.green, colors.magenta, colors.blue, colors.red];
  const curves = runs.map((run, index): Curve => ({
    label: run.label,
    mark: marks[index % marks.length]!,
    style: styles[index % styles.length]!,
    points: run.evaluations.filter(({ loss }) => Number.isFinite(loss)),
    diverged: runState(run.status) === 'diverged',
  }));
  const lastStep = Math.max(0, ...curves.map(({ points }) => points.at(-1)?.step ?? 0));
  if (lastStep === 0) return 'There is nothing to plot yet: no run has been evaluated after its start.';

  const range = lossRange(curves, lastStep, target);
  const lossTicks = ticks(range.low, range.high, Math.max(2, Math.floor(height / 3)));
  const margin = Math.max(...lossTicks.map(({ text }) => text.length)) + 1;
  const columns = Math.max(10, width - margin - 1);
  const rowOf = (loss: number) => Math.round(((range.high - loss) / (range.high - range.low)) * (height - 1));
  const columnOf = (step: number) => Math.round((step / lastStep) * (columns - 1));

  const grid = Array.from({ length: height }, () => Array.from({ length: columns }, () => ' '));
  const draw = (loss: number, column: number, text: string) => {
    const row = grid[rowOf(loss)];
    // Above the range there is no row.
    if (row !== undefined) row[column] = text;
  };
  if (target !== null) for (let column = 0; column < columns; column++) draw(target, column, colors.dim(targetMark));
  for (const { points, mark, style } of curves) {
    for (let column = 0; column < columns; column++) {
      const loss = lossAt(points, (column / (columns - 1)) * lastStep);
      if (loss !== undefined) draw(loss, column, style(mark));
    }
    for (const { step, loss } of points) draw(loss, columnOf(step), style(mark));
  }

  const tickTexts = new Map(lossTicks.map(({ value, text }) => [rowOf(value), text]));
  const title = `validation loss, nats a token${range.clipped ? ` (above ${lossText(range.high)} not shown)` : ''}`;
  const lines = grid.map((cells, row) => {
    const tick = tickTexts.get(row);
    const axis = (tick ?? '').padStart(margin) + (tick === undefined ? '│' : '┤');
    return colors.dim(axis) + cells.join('').trimEnd();
  });
  const stepAxis = stepAxisLines(lastStep, columns, columnOf).map((line) => colors.dim(' '.repeat(margin) + line));
  return [colors.dim(title), ...lines, ...stepAxis, ...legend(curves, target, width, colors.dim)].join('\n');
}

/** From the lowest loss to the highest after the steep part, the target included. */
function lossRange(curves: readonly Curve[], lastStep: number, target: number | null): Range {
  const points = curves.flatMap((curve) => curve.points);
  // A diverging run must not flatten the others.
  const sane = curves.filter(({ diverged }) => !diverged);
  const shown = (sane.some((curve) => curve.points.length > 1) ? sane : curves).flatMap((curve) => [
    ...curve.points.filter(({ step }) => step >= steepPart * lastStep).map(({ loss }) => loss),
    lossAt(curve.points, steepPart * lastStep) ?? -Infinity,
  ]);
  const wanted = target === null ? [] : [target];
  const [low] = extent([...points.map(({ loss }) => loss), ...wanted]);
  const [, high] = extent([low, ...shown, ...wanted]);
  const space = 0.03 * (high - low) || 0.05 * Math.max(1, Math.abs(low));
  const top = high + space;
  return { low: low - space, high: top, clipped: points.some(({ loss }) => loss > top) };
}

/** On the straight line between two evaluations; undefined before the first and after the last. */
function lossAt(points: readonly EvaluationRow[], step: number): number | undefined {
  const index = points.findIndex((point) => point.step >= step);
  const right = points[index];
  const left = points[index - 1] ?? (right?.step === step ? right : undefined);
  if (left === undefined || right === undefined) return undefined;
  const share = left === right ? 0 : (step - left.step) / (right.step - left.step);
  return left.loss + share * (right.loss - left.loss);
}

/** The axis with its ticks, and the numbers below; the unit takes the place of the numbers it would run into. */
function stepAxisLines(lastStep: number, columns: number, columnOf: (step: number) => number): string[] {
  const axis = Array.from({ length: columns }, () => '─');
  let numbers = '';
  for (const { value, text } of ticks(0, lastStep, Math.max(2, Math.floor(columns / 12)))) {
    const column = columnOf(value);
    if (!Number.isInteger(value)) continue;
    axis[column] = '┬';
    const start = Math.min(columns - text.length, Math.max(0, column - Math.floor(text.length / 2)));
    numbers = numbers.padEnd(start) + text;
  }
  return [`└${axis.join('')}`, ` ${numbers}`, ` ${'step'.padStart(columns)}`];
}

function legend(
  curves: readonly Curve[],
  target: number | null,
  width: number,
  dim: (text: string) => string,
): string[] {
  const entries = curves.map(({ label, mark, style, points, diverged }) => {
    const note = diverged ? ' (diverged)' : points.length === 0 ? ' (no evaluation yet)' : '';
    return { plain: `${mark} ${label}${note}`, styled: `${style(mark)} ${label}${note}` };
  });
  if (target !== null) {
    const text = `${targetMark}${targetMark} target ${lossText(target)}`;
    entries.push({ plain: text, styled: dim(text) });
  }
  const lines: { length: number; text: string }[] = [];
  for (const { plain, styled } of entries) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 3 + plain.length > width)
      lines.push({ length: plain.length, text: styled });
    else lines[lines.length - 1] = { length: line.length + 3 + plain.length, text: `${line.text}   ${styled}` };
  }
  return lines.map(({ text }) => text);
}
