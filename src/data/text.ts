import { readFile } from 'node:fs/promises';
import { isUtf8 } from 'node:buffer';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';

/** One coherent piece of text; the end-of-text token follows it. */
export interface Document {
  /** Stable name: it alone decides on which side of the split the document falls. */
  name: string;
  text: string;
}

/**
 * Removes what is an artefact of the file and not of the text: the byte-order mark, carriage returns before line
 * feeds, and white space around the whole. Everything else stays as it is.
 */
export function cleanText(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .trim();
}

/**
 * The text of a UTF-8 file.
 * @throws {SoapBenchError} `corpus_unreadable` when the file cannot be read; `corpus_not_utf8` with the place of the
 * first byte that is not UTF-8, because replacing such bytes silently would train on garbage.
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new SoapBenchError('corpus_unreadable', `Cannot read ${path}: ${messageOf(error)}`, {
      exitCode: exitCodes.usage,
      hint: 'Check that the file exists and that you may read it.',
      cause: error,
    });
  });
  const text = bytes.toString('utf8');
  if (isUtf8(bytes)) return text;
  const position = firstDifference(bytes, Buffer.from(text));
  const byte = bytes[position] ?? 0;
  throw new SoapBenchError(
    'corpus_not_utf8',
    `${path} is not UTF-8 text: byte ${position} is 0x${byte.toString(16).padStart(2, '0')}.`,
    {
      exitCode: exitCodes.usage,
      hint: `Convert it first, for example: iconv -f latin1 -t utf-8 ${path} > converted.txt`,
    },
  );
}

/** Decoding puts a replacement character where a byte was wrong, so that the first difference shows the place. */
function firstDifference(original: Buffer, decodedAgain: Buffer): number {
  const length = Math.min(original.length, decodedAgain.length);
  for (let i = 0; i < length; i++) if (original[i] !== decodedAgain[i]) return i;
  return length;
}
