/** A cell of a table. Its text has one character a column of the terminal. */
export interface Cell {
  readonly text: string;
  /** Colours the text without changing its width. */
  readonly style?: (text: string) => string;
}

export interface Column {
  /** Lines of the title, the last one next to the cells. */
  readonly title: readonly string[];
  readonly align: 'left' | 'right';
  readonly cells: readonly Cell[];
}

const gap = '  ';

/** Characters that a table of these columns takes. */
export function tableWidth(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + columnWidth(column), 0) + gap.length * (columns.length - 1);
}

/** Lines of a table: titles, a rule, and a line for every row. */
export function textTable(columns: readonly Column[], styleTitle: (text: string) => string): string[] {
  const height = Math.max(...columns.map(({ title }) => title.length));
  const titles = Array.from({ length: height }, (_, line) =>
    rowText(columns, ({ title }) => ({ text: title[line - (height - title.length)] ?? '', style: styleTitle })),
  );
  const rule = styleTitle(columns.map((column) => '─'.repeat(columnWidth(column))).join(gap));
  const rows = columns[0]!.cells.map((_, row) => rowText(columns, ({ cells }) => cells[row]!));
  return [...titles, rule, ...rows];
}

function rowText(columns: readonly Column[], cellOf: (column: Column) => Cell): string {
  const cells = columns.map((column) => {
    const { text, style = (plain: string) => plain } = cellOf(column);
    const space = ' '.repeat(columnWidth(column) - text.length);
    const styled = text === '' ? '' : style(text);
    return column.align === 'right' ? space + styled : styled + space;
  });
  return cells.join(gap).trimEnd();
}

function columnWidth({ title, cells }: Column): number {
  return Math.max(...title.map((line) => line.length), ...cells.map(({ text }) => text.length));
}
