import { wrapText } from '../format.js';
import { createColors, type Colors } from '../terminal.js';
import { hasBest, plainTitle, type Cell, type ColumnHead, type Table, type Tone } from './table.js';

export interface TextOptions {
  /** Characters that a line may have. */
  readonly width?: number;
  readonly colors?: Colors;
  /** Where the columns are that there is no room for: `summary.csv has them.` Without it nothing is said of them. */
  readonly elsewhere?: string;
}

const gap = '  ';

/** A column as it is drawn. */
interface Drawn {
  readonly head: ColumnHead;
  readonly titles: readonly string[];
  readonly cells: readonly Cell[];
  readonly width: number;
}

/** Lines of a table for a terminal: titles, a rule, a line for every row, and what belongs below. */
export function textTable(
  table: Table,
  { width = Infinity, colors = createColors(false), elsewhere }: TextOptions = {},
): string[] {
  const columns = table.columns.map((head, index) => drawnColumn(head, cellsOf(table, index)));
  const shown = fitting(
    columns.filter(({ head }) => head.below !== 'always'),
    width,
  );
  if (table.stacks === true && widthOf(shown) > width) return stackedLines(columns, width, colors);
  const hidden = columns.filter((column) => !shown.includes(column));
  const leftOut = hidden.filter(({ head }) => head.below === undefined).map(({ head }) => plainTitle(head));
  const below = [
    ...rowNotes(
      hidden.filter(({ head }) => head.below !== undefined),
      columns,
    ),
    ...table.notes,
    ...(elsewhere === undefined || leftOut.length === 0
      ? []
      : [`No room here for: ${leftOut.join(', ')}. ${elsewhere}`]),
    ...(hasBest(table) ? [`* ${table.best}`] : []),
  ];
  return [...gridLines(shown, colors), ...below.map((line) => colors.dim(wrapText(line, width)))];
}

function cellsOf({ rows }: Table, index: number): Cell[] {
  return rows.map((row) => row[index]!);
}

/** The best has an asterisk, for which the other cells leave room. */
function drawnColumn(head: ColumnHead, cells: readonly Cell[]): Drawn {
  const isMarked = cells.some(({ tone }) => tone === 'best');
  const marked = cells.map((cell) => (isMarked ? { ...cell, text: cell.text + (isBest(cell) ? '*' : ' ') } : cell));
  const titles = head.title.split('\n').map((line) => (isMarked ? `${line} ` : line));
  const width = Math.max(...[...titles, ...marked.map(({ text }) => text)].map((text) => text.length));
  return { head, titles, cells: marked, width };
}

function isBest({ tone }: Cell): boolean {
  return tone === 'best';
}

function widthOf(columns: readonly Drawn[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0) + gap.length * (columns.length - 1);
}

/** As many columns as there is room for. */
function fitting(columns: readonly Drawn[], width: number): readonly Drawn[] {
  const least = Math.min(...columns.map(({ head }) => head.priority ?? Infinity));
  if (widthOf(columns) <= width || least === Infinity) return columns;
  return fitting(
    columns.filter(({ head }) => head.priority !== least),
    width,
  );
}

function gridLines(columns: readonly Drawn[], colors: Colors): string[] {
  const height = Math.max(...columns.map(({ titles }) => titles.length));
  const titles = Array.from({ length: height }, (_, line) =>
    rowText(columns, ({ titles: own }) => ({ text: own[line - (height - own.length)] ?? '', style: colors.dim })),
  );
  const rule = colors.dim(columns.map(({ width }) => '─'.repeat(width)).join(gap));
  const styles = stylesOf(colors);
  const rows = columns[0]!.cells.map((_, row) =>
    rowText(columns, ({ cells }) => {
      const { text, tone } = cells[row]!;
      return { text, style: tone === undefined ? asItIs : styles[tone] };
    }),
  );
  return [...titles, rule, ...rows];
}

type Style = (text: string) => string;

function asItIs(text: string): string {
  return text;
}

function stylesOf({ bold, dim, green, red, yellow }: Colors): Readonly<Record<Tone, Style>> {
  return { best: (text) => bold(green(text)), good: green, quiet: dim, warning: yellow, trouble: red };
}

function rowText(columns: readonly Drawn[], cellOf: (column: Drawn) => { text: string; style: Style }): string {
  const cells = columns.map((column) => {
    const { text, style } = cellOf(column);
    const space = ' '.repeat(column.width - text.length);
    const styled = text === '' ? '' : style(text);
    return column.head.align === 'right' ? space + styled : styled + space;
  });
  return cells.join(gap).trimEnd();
}

/** What cells that stand below the table say, a line a row: `soap, fit: its trainings end above the loss`. */
function rowNotes(below: readonly Drawn[], columns: readonly Drawn[]): string[] {
  const firstNumber = columns.findIndex(({ head }) => head.align === 'right');
  const naming = columns.slice(0, firstNumber === -1 ? 1 : firstNumber);
  return columns[0]!.cells.flatMap((_, row) => {
    const texts = below.map(({ cells }) => cells[row]!.text).filter((text) => text !== '');
    if (texts.length === 0) return [];
    const name = naming.map(({ cells }) => cells[row]!.text).join(', ');
    return [[name, ...texts].join(': ')];
  });
}

/** A block of lines for every row, a line for every cell that is not empty. */
function stackedLines(columns: readonly Drawn[], width: number, { dim }: Colors): string[] {
  const titles = columns.map(({ head }) => plainTitle(head));
  const widest = Math.max(...titles.map((title) => title.length));
  const indent = ' '.repeat(widest + gap.length);
  const blocks = columns[0]!.cells.map((_, row) =>
    columns.flatMap(({ cells }, index) => {
      const { text } = cells[row]!;
      if (text === '') return [];
      const lines = wrapText(text, Math.max(20, width - indent.length)).replaceAll('\n', `\n${indent}`);
      return [`${dim(titles[index]!.padEnd(widest))}${gap}${lines}`];
    }),
  );
  return blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}
