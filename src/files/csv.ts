import { stringify } from 'csv-stringify/sync';

/** Matches text that a spreadsheet would take for a formula, or that is already quoted. Also valid in RE2's syntax. */
const formula = `('*[=+@\\t\\r\\n＝＋－＠-])`;
const formulaText = new RegExp(`^${formula}`);

/** Matches the start of a quoted formula. The first group is the start of the original text. */
export const quotedFormula = `^'${formula}`;
const quotedFormulaText = new RegExp(quotedFormula);

/**
 * Formats rows as CSV; all CSV is written here. Infinities and NaN are the words that NumPy and pandas read. Text that a
 * spreadsheet would compute gets a leading `'`, which {@link originalText} removes.
 */
export function csvText(rows: readonly (readonly unknown[])[]): string {
  return stringify(rows.map((row) => row.map(cellText)));
}

/** Restores the text that a cell was written from. */
export function originalText(cell: string): string {
  return cell.replace(quotedFormulaText, '$1');
}

/** Replaces infinities and NaN by words, for formats that lack them. */
export function finiteOrWord(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

function cellText(value: unknown): unknown {
  if (typeof value === 'number') return finiteOrWord(value);
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'string' && formulaText.test(value) && !isNumber(value) ? `'${value}` : value;
}

/** Returns true for numbers given as text, such as the options of a tuning. */
function isNumber(text: string): boolean {
  return text === '-inf' || !Number.isNaN(Number(text));
}
