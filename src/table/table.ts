/** What a cell says beyond its text; each medium shows it in its own way. */
export type Tone = 'best' | 'good' | 'quiet' | 'warning' | 'trouble';

export interface Cell {
  readonly text: string;
  /** The number behind the text, with every digit; null where it is unknown. */
  readonly value?: number | null | undefined;
  readonly tone?: Tone | undefined;
}

export interface ColumnHead {
  /** A line break is one in a terminal and on the page, elsewhere a space, behind a point nothing. */
  readonly title: string;
  /** Left where it is left out. */
  readonly align?: 'left' | 'right' | undefined;
  /** The name of the numbers behind the cells, as in the CSV file. */
  readonly key?: string | undefined;
  /** A terminal that is too narrow leaves out columns with the lowest priority first; one without a priority stays. */
  readonly priority?: number | undefined;
  /** In a terminal the cells stand below the table, behind the name of their row: always, or when the column is left out. */
  readonly below?: 'always' | 'narrow' | undefined;
}

/** A column of a table whose rows are of one type. */
export interface Column<Row> extends ColumnHead {
  readonly cell: (row: Row, index: number) => string | Cell;
}

/** A table as data. Text for a terminal, HTML, Markdown, LaTeX and JSON are drawn from it. */
export interface Table {
  readonly columns: readonly ColumnHead[];
  readonly rows: readonly (readonly Cell[])[];
  /** Sentences that belong below it. */
  readonly notes: readonly string[];
  /** What the cells with the tone `best` are: `lowest of its column`. */
  readonly best?: string | undefined;
  /** Where there is no room for a line, a row's cells stand below each other, behind the titles of their columns. */
  readonly stacks?: boolean | undefined;
}

/** A table that is shown on the page and written into files. */
export interface ReportTable extends Table {
  /** The name of its files. */
  readonly id: string;
  readonly title: string;
  /** Every digit, and more columns. */
  readonly csv: string;
}

/** A table of rows, with a cell of each for every column. */
export function tableOf<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { notes = [], best, stacks }: Partial<Pick<Table, 'notes' | 'best' | 'stacks'>> = {},
): Table {
  const cells = rows.map((row, index) =>
    columns.map(({ cell }): Cell => {
      const found = cell(row, index);
      return typeof found === 'string' ? { text: found } : found;
    }),
  );
  return {
    columns: columns.map(({ title, align, key, priority, below }) => ({ title, align, key, priority, below })),
    rows: cells,
    notes,
    best,
    stacks,
  };
}

/** A number and how it is read; a dash where it is unknown. */
export function numberCell(value: number | null | undefined, text: (value: number) => string): Cell {
  const isKnown = value !== null && value !== undefined && !Number.isNaN(value);
  return { text: isKnown ? text(value) : '–', value: value ?? null };
}

/** A title on one line. */
export function plainTitle({ title }: ColumnHead): string {
  return title.replaceAll(/(?<=\.)\n/g, '').replaceAll('\n', ' ');
}

/** Whether some cell is marked as the best. */
export function hasBest({ rows, best }: Table): boolean {
  return best !== undefined && rows.some((row) => row.some(({ tone }) => tone === 'best'));
}

/** What stands below a table in a document, as one paragraph. */
export function noteOf(table: Table): string {
  return [...table.notes, ...(hasBest(table) ? [`Bold: ${table.best}.`] : [])].join(' ');
}
