import { createHash } from 'node:crypto';
import { SoapBenchError, exitCodes } from '../errors.js';
import type { Document } from './text.js';

export interface Split {
  train: Document[];
  val: Document[];
}

/**
 * Where a document's name falls between 0 and 1: the first 48 bits of its SHA-256 as a fraction.
 * It depends on nothing else, so that a document never changes sides when others come or go.
 */
export function placeOf(name: string): number {
  return createHash('sha256').update(name).digest().readUIntBE(0, 6) / 2 ** 48;
}

/**
 * Splits documents into training and validation: a document is for validation when its place is below `valFraction`.
 * A single document is cut instead: its last `valFraction`, from the next word on, is the validation text.
 * @throws {SoapBenchError} `val_fraction_invalid`, or `split_empty` when one side would have no document.
 */
export function splitDocuments(documents: Document[], valFraction: number): Split {
  if (!(valFraction > 0 && valFraction < 1)) {
    throw new SoapBenchError('val_fraction_invalid', `val_fraction is ${valFraction}; it must lie between 0 and 1.`, {
      exitCode: exitCodes.usage,
      hint: '0.05 keeps about one document in twenty for validation.',
    });
  }
  const [first] = documents;
  const split =
    documents.length === 1 && first !== undefined ? cutTail(first, valFraction) : byPlace(documents, valFraction);
  if (split.train.length === 0 || split.val.length === 0) throw emptySide(documents, valFraction, split);
  return split;
}

function byPlace(documents: Document[], valFraction: number): Split {
  const split: Split = { train: [], val: [] };
  for (const document of documents) (placeOf(document.name) < valFraction ? split.val : split.train).push(document);
  return split;
}

function cutTail({ name, text }: Document, valFraction: number): Split {
  const wanted = Math.round(text.length * (1 - valFraction));
  const wordEnd = text.slice(wanted).search(/\s/);
  const cut = wordEnd === -1 ? text.length : wanted + wordEnd;
  const part = (which: string, from: number, to: number) =>
    [{ name: `${name} (${which})`, text: text.slice(from, to).trim() }].filter((document) => document.text !== '');
  return { train: part('head', 0, cut), val: part('tail', cut, text.length) };
}

function emptySide(documents: Document[], valFraction: number, split: Split): SoapBenchError {
  const side = split.train.length === 0 ? 'training' : 'validation';
  const places = documents.map((document) => placeOf(document.name)).sort((a, b) => a - b);
  // Halfway between two documents' places: one document for the empty side, all others where they were.
  const middle = side === 'training' ? (places.at(-1)! + places.at(-2)!) / 2 : (places.at(0)! + places.at(1)!) / 2;
  const hint =
    documents.length === 1
      ? 'The text is too short to be cut in two between words: use a longer one.'
      : `Use more documents, or val_fraction ${middle.toFixed(4)}, which puts one document on the ${side} side.`;
  return new SoapBenchError(
    'split_empty',
    `With val_fraction ${valFraction}, none of the ${documents.length} document${documents.length === 1 ? '' : 's'} is left for ${side}.`,
    { exitCode: exitCodes.usage, hint },
  );
}
