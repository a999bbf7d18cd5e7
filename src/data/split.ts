import { createHash } from 'node:crypto';
import { SoapBenchError, exitCodes } from '../errors.js';
import { readParts } from './documents.js';
import { documentName, documentsOf, type DocumentPlace, type Survey, type SurveyedFile } from './survey.js';

export type Side = 'train' | 'val';

/** A document whose beginning is for training and whose end is for validation. */
export interface Cut extends DocumentPlace {
  /** Where the end begins, in characters as JavaScript counts them. */
  readonly at: number;
  /** Whether it is where a word ends next after the side's share, rather than at another place near by. */
  readonly isNextWord: boolean;
}

/** Which documents are for training and which for validation. */
export interface Split {
  /** Of each file, whether its documents are for validation. */
  readonly isVal: readonly (readonly boolean[])[];
  /** The document on both sides, when names alone would have left one of them empty. */
  readonly cut?: Cut;
  /** The document that was put on the other side than its name says, for the same reason. */
  readonly moved?: DocumentPlace;
}

/** White space farther away than this is not looked for: the shares would differ too much from what was asked for. */
const farthestWord = 1024;

/**
 * Where a document's name falls between 0 and 1: the first 48 bits of its SHA-256 as a fraction.
 * It depends on nothing else, so that a document never changes sides when others come or go.
 */
export function placeOf(name: string): number {
  return createHash('sha256').update(name).digest().readUIntBE(0, 6) / 2 ** 48;
}

/**
 * Splits documents into training and validation: a document is for validation when its place is below `valFraction`.
 * When that leaves a side empty, the document whose place is nearest goes there: as much of it as the side's share of the
 * text, from a word on where there are words, or all of it when it is shorter than that.
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

/** White space near a wanted place, the next before the last; where there is none, a border between two characters. */
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
