import { existsSync } from 'node:fs';
import { parse as parseCsv } from 'csv-parse/sync';
import { z } from 'zod';
import { originalText } from '../csv.js';
import { messageOf } from '../errors.js';
import { damaged, issueText, readText } from './damaged.js';

const nonFinite = new Map([
  ['inf', Infinity],
  ['-inf', -Infinity],
  ['nan', NaN],
]);

/** A cell of a CSV file, with the words for infinities and NaN that NumPy and pandas read. */
export const csvNumber = z.string().transform((text, context) => {
  const value = nonFinite.get(text) ?? Number(text);
  if (text.trim() !== '' && (text === 'nan' || !Number.isNaN(value))) return value;
  context.addIssue({ code: 'custom', message: `found ${JSON.stringify(text)}, expected a number, inf, -inf or nan` });
  return z.NEVER;
});

/** The rows of a CSV file; none when it is not there yet. A last line without its end was cut by a crash: left out. */
export function readRows<T>(file: string, schema: z.ZodObject & z.ZodType<T>): T[] {
  if (!existsSync(file)) return [];
  const text = readText(file);
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const columns = whole.slice(0, Math.max(0, whole.indexOf('\n'))).split(',');
  const missing = Object.entries(schema.shape)
    .filter(([name, type]) => !columns.includes(name) && !(type instanceof z.ZodOptional))
    .map(([name]) => name);
  if (whole !== '' && missing.length > 0) throw damaged(`${file}:1`, `the columns ${missing.join(', ')} are missing`);
  let records: Record<string, string>[];
  try {
    records = parseCsv(whole, { columns: true, cast: originalText });
  } catch (error) {
    throw damaged(file, messageOf(error), error);
  }
  return records.map((record, index) => {
    const result = schema.safeParse(record);
    // No cell holds a line break, so that rows and lines go together; the header is line 1.
    if (!result.success) throw damaged(`${file}:${index + 2}`, issueText(result.error));
    return result.data;
  });
}
