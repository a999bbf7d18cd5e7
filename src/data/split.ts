import { createHash } from 'node:crypto';
import { SoapBenchError, exitCodes } from '../errors.js';
import { readParts } from './documents.js';
import { documentName, documentsOf, type DocumentPlace, type Survey, type SurveyedFile } from './survey.js';

export type Side = 'train' | 'val';

/** A document whose start is used for training and whose end for validation. */
export interface Cut extends DocumentPlace {
  /** The start of the validation part, in UTF-16 code units. */
  readonly at: number;
  /** True if the cut is at the next end of a word after the side's share, false if it is elsewhere nearby. */
  readonly isNextWord: boolean;
}

/** The assignment of documents to training and validation. */
export interface Split {
  /** For each document of each file, true for validation. */
  readonly isVal: readonly (readonly boolean[])[];
  /** The document that is split between both sides, if names alone would leave a side empty. */
  readonly cut?: Cut;
  /** The document that is moved to the other side, for the same reason. */
  readonly moved?: DocumentPlace;
}

/** The farthest white space to cut at, in characters. Beyond it, the shares would differ too much from `val_fraction`. */
const farthestWord = 1024;

/**
 * The place of a document's name between 0 and 1: the first 48 bits of its SHA-256 as a fraction. It depends on nothing else,
 * so adding or removing other documents does not change a document's side.
 */
export function placeOf(name: string): number {
  return createHash('sha256').update(name).digest().readUIntBE(0, 6) / 2 ** 48;
}

/**
 * Splits documents into training and validation. A document is for validation if its place is below `valFraction`. If this
 * leaves a side empty, part of the document with the nearest place goes there: the side's share of the text, cut at a word
 * if possible, or the whole document if it is shorter than that.
 * @throws {SoapBenchError} `val_fraction_invalid`, or `split_empty` for a single document of a single character.
 */
export async function splitDocuments(survey: Survey, valFraction: number): Promise<Split> {
  if (!(valFraction > 0 && valFraction < 1)) {
    throw new SoapBenchError('val_fraction_invalid', `val_fraction is ${valFraction}; it must lie between 0 and 1.`, {
      exitCode: exitCodes.usage,
      hint: '0.05 keeps about one document in twenty for validation.',
    });
  }
  const isVal = survey.files.map((file) =>
    file.lengths.map((_, document) => placeOf(documentName(file, document)) < valFraction),
  );
  const sides = new Set(isVal.flat());
  if (sides.size === 2) return { isVal };
  return fillEmptySide(survey, valFraction, isVal);
}

async function fillEmptySide(survey: Survey, valFraction: number, isVal: boolean[][]): Promise<Split> {
  const needed: Side = isVal[0]![0] ? 'train' : 'val';
  const lengthOf = ({ file, document }: DocumentPlace) => survey.files[file]!.lengths[document]!;
  const documents = [...documentsOf(survey)].map((place) => {
    const along = placeOf(documentName(survey.files[place.file]!, place.document));
    return { place, distance: needed === 'val' ? along : 1 - along };
  });
  const { place } = documents.reduce((a, b) => (b.distance < a.distance ? b : a));
  const total = documents.reduce((sum, document) => sum + lengthOf(document.place), 0);
  const length = lengthOf(place);
  const trainShare = total * (1 - valFraction);
  const wanted = Math.round(needed === 'val' ? trainShare - (total - length) : trainShare);
  if (documents.length > 1 && (wanted < 1 || wanted >= length)) {
    isVal[place.file]![place.document] = needed === 'val';
    return { isVal, moved: place };
  }
  const file = survey.files[place.file]!;
  const cut = await placeCut(file, place.document, Math.min(Math.max(wanted, 1), length - 1));
  if (cut !== undefined) return { isVal, cut: { ...place, ...cut } };
  if (documents.length > 1) {
    isVal[place.file]![place.document] = needed === 'val';
    return { isVal, moved: place };
  }
  throw new SoapBenchError('split_empty', `The corpus is a single character: ${file.path}.`, {
    exitCode: exitCodes.usage,
    hint: 'A corpus needs text for training and for validation.',
  });
}

/** Finds white space near a position, first after it, then before it, or else a border between two characters. */
async function placeCut(
  file: SurveyedFile,
  document: number,
  wanted: number,
): Promise<Pick<Cut, 'at' | 'isNextWord'> | undefined> {
  const from = Math.max(0, wanted - farthestWord);
  const window = await textBetween(file, document, from, wanted + farthestWord);
  const wordEnd = window.slice(wanted - from).search(/\s/);
  if (wordEnd !== -1) return { at: wanted + wordEnd, isNextWord: true };
  const lastWord = window.slice(0, wanted - from).search(/\s\S*$/);
  if (lastWord > 0) return { at: from + lastWord, isNextWord: false };
  const borders = [...new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(window)]
    .map(({ index }) => from + index)
    .filter((at) => at > 0);
  const at = borders.find((border) => border >= wanted) ?? borders.at(-1);
  return at === undefined ? undefined : { at, isNextWord: false };
}

async function textBetween(file: SurveyedFile, document: number, from: number, to: number): Promise<string> {
  let window = '';
  let at = 0;
  for await (const parts of readParts(file.path)) {
    for (const part of parts) {
      if (part.document > document || at >= to) return window;
      if (part.document < document) continue;
      if (at + part.text.length > from) window += part.text.slice(Math.max(0, from - at), to - at);
      at += part.text.length;
    }
  }
  return window;
}
