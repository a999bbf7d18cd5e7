import { stringify } from 'csv-stringify/sync';

/** What a spreadsheet takes for a formula, in RE2's syntax too; behind quotation marks it may be one that was made a text. */
const formula = `('*[=+@\\t\\r\\n＝＋－＠-])`;
const formulaText = new RegExp(`^${formula}`);

/** What a text that was made no formula begins with; its first group is the text's own beginning. */
export const quotedFormula = `^'${formula}`;
const quotedFormulaText = new RegExp(quotedFormula);

/**
 * Lines of CSV, the only ones that are written anywhere. Infinities and NaN are the words that NumPy and pandas read. A text
 * that a spreadsheet would compute begins with `'`, which {@link originalText} takes off again.
 */
export function csvText(rows: readonly (readonly unknown[])[]): string {
  return stringify(rows.map((row) => row.map(cellText)));
}

/** The text that a cell was written from. */
export function originalText(cell: string): string {
  return cell.replace(quotedFormulaText, '$1');
}

/** A number for what has no infinities: they become words. */
export function finiteOrWord(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

function cellText(value: unknown): unknown {
  if (typeof value === 'number') return finiteOrWord(value);
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'string' && formulaText.test(value) && !isNumber(value) ? `'${value}` : value;
}

/** Numbers that come as text, such as the options of a tuning. */
function isNumber(text: string): boolean {
  return text === '-inf' || !Number.isNaN(Number(text));
}
