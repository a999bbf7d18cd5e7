import type { SettingRow } from '../../analysis/summary.js';

/** The keys of a sweep that get a column of their own: those that no other column has. */
export function sweptColumns(swept: readonly string[], columns: readonly string[]): string[] {
  return swept.filter((key) => !columns.includes(key));
}

/** The cells of such columns; empty for an option that the optimizer does not have. */
export function sweptCells({ values }: SettingRow, columns: readonly string[]): string[] {
  return columns.map((key) => valueText(values[key]));
}

function valueText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
