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
}
