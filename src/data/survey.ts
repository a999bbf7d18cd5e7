import { createHash } from 'node:crypto';
import { SoapBenchError, exitCodes } from '../errors.js';
import { readParts } from './documents.js';
import { add, tally, type Tally, type TextFile } from './text-files.js';
import { plural } from '../format.js';

/** Facts about the documents of a file, without their text. */
export interface SurveyedFile {
  readonly name: string;
  readonly path: string;
  /** The length of each document, in UTF-16 code units. */
  readonly lengths: readonly number[];
  /** A digest of each document's text. */
  readonly digests: readonly string[];
}

/** Facts about all files of a corpus. */
export interface Survey {
  readonly files: readonly SurveyedFile[];
  readonly empty: Tally;
}

/** The position of a document in a survey. */
export interface DocumentPlace {
  readonly file: number;
  readonly document: number;
}

/** The stable name of a document, which decides its side of the split. */
export function documentName({ name, lengths }: SurveyedFile, document: number): string {
  return lengths.length === 1 ? name : `${name}#${document + 1}`;
}

/** All documents of a survey in reading order. */
export function* documentsOf({ files }: Survey): Generator<DocumentPlace> {
  for (const [file, { lengths }] of files.entries()) {
    for (const document of lengths.keys()) yield { file, document };
  }
}

/**
 * Reads all texts of a corpus once.
 * @throws {SoapBenchError} `corpus_not_utf8` or `corpus_binary`, naming every such file.
 */
export async function survey(files: readonly TextFile[]): Promise<Survey> {
  const empty = tally();
  const surveyed: SurveyedFile[] = [];
  const wrong: { file: TextFile; error: SoapBenchError }[] = [];
  for (const file of files) {
    try {
      surveyed.push(await surveyFile(file, empty));
    } catch (error) {
      if (!(error instanceof SoapBenchError) || error.code === 'corpus_unreadable') throw error;
      wrong.push({ file, error });
    }
  }
  if (wrong.length > 0) throw allOf(wrong);
  return { files: surveyed.filter(({ lengths }) => lengths.length > 0), empty };
}

async function surveyFile({ name, path }: TextFile, empty: Tally): Promise<SurveyedFile> {
  const lengths: number[] = [];
  const digests: string[] = [];
  let hash = createHash('sha256');
  const endDocument = () => {
    if (lengths.length > digests.length) digests.push(hash.digest('base64').slice(0, 22));
    hash = createHash('sha256');
  };
  for await (const parts of readParts(path, () => {
    add(empty, name);
  })) {
    for (const { document, text } of parts) {
      if (document === lengths.length) {
        endDocument();
        lengths.push(0);
      }
      lengths[document]! += text.length;
      hash.update(text);
    }
  }
  endDocument();
  return { name, path, lengths, digests };
}

function allOf(wrong: readonly { file: TextFile; error: SoapBenchError }[]): SoapBenchError {
  const [first, ...others] = wrong;
  const { code, message, hint } = first!.error;
  const named = others.slice(0, 5).map(({ file }) => file.name);
  const more = others.length > named.length ? ', …' : '';
  const count = plural(others.length, 'other file');
  const rest = others.length === 0 ? '' : ` ${count} cannot be used either: ${named.join(', ')}${more}.`;
  return new SoapBenchError(code, message + rest, { exitCode: exitCodes.usage, ...(hint !== undefined && { hint }) });
}
