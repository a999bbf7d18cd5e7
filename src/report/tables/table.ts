/** A cell of a report's table. */
export interface TableCell {
  /** As it is read. */
  readonly text: string;
  /** The number behind it, under the name that the CSV file has for it. */
  readonly column?: string;
  readonly value?: number | null;
  /** A target that was missed, a run that diverged or failed. */
  readonly trouble?: boolean;
  /** Lowest of its column. */
  readonly best?: boolean;
}

export interface TableColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** A table that is shown in the page and written as Markdown, LaTeX and JSON; its CSV has every digit and more columns. */
export interface Table {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly TableCell[])[];
  readonly csv: string;
  /** On a narrow screen a row's cells stand below each other, behind the titles of their columns. */
  readonly stacks?: boolean;
}

interface BuiltColumn extends TableColumn {
  readonly cells: readonly TableCell[];
}

export function column(title: string, align: 'left' | 'right', cells: readonly TableCell[]): BuiltColumn {
  return { title, align, cells };
}

/** A table of columns, which all have the same number of cells. */
export function buildTable(
  head: Pick<Table, 'id' | 'title' | 'note' | 'csv' | 'stacks'>,
  columns: readonly [BuiltColumn, ...BuiltColumn[]],
): Table {
  const rows = columns[0].cells.map((_, i) => columns.map(({ cells }) => cells[i]!));
  return { ...head, columns: columns.map(({ title, align }) => ({ title, align })), rows };
}
