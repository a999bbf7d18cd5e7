import { readdir, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { SoapBenchError, exitCodes } from '../errors.js';
import { cleanText, readText, type Document } from './text.js';
import { endOfTextMark } from './tokenizer.js';

/**
 * The documents of one .txt file: the whole file, or the parts between `<|endoftext|>` marks where it has them.
 * Blank lines do not separate documents: they stand between the paragraphs of ordinary prose.
 */
export async function readLocalFile(path: string): Promise<Document[]> {
  return notEmpty(await documentsOf(path, basename(path)), path);
}

/** The documents of all .txt files below a folder, ordered by path; the same on every machine. */
export async function readLocalFolder(folder: string): Promise<Document[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { recursive: true })) {
    if (!entry.toLowerCase().endsWith('.txt')) continue;
    const isFolder = (await stat(join(folder, entry)).catch(() => undefined))?.isDirectory() ?? false;
    if (!isFolder) files.push(entry.split(sep).join('/'));
  }
  files.sort();
  if (files.length === 0) {
    throw new SoapBenchError('corpus_without_text', `The folder ${folder} holds no .txt file.`, {
      exitCode: exitCodes.usage,
      hint: 'A corpus is a .txt file or a folder that holds .txt files at any depth.',
    });
  }
  const documents: Document[] = [];
  for (const file of files) documents.push(...(await documentsOf(join(folder, file), file)));
  return notEmpty(documents, folder);
}

async function documentsOf(path: string, name: string): Promise<Document[]> {
  const parts = (await readText(path))
    .split(endOfTextMark)
    .map(cleanText)
    .filter((text) => text !== '');
  return parts.map((text, i) => ({ name: parts.length === 1 ? name : `${name}#${i + 1}`, text }));
}

function notEmpty(documents: Document[], path: string): Document[] {
  if (documents.length > 0) return documents;
  throw new SoapBenchError('corpus_empty', `The corpus ${path} holds no text.`, {
    exitCode: exitCodes.usage,
    hint: 'Put text into it, or name another corpus: `soap-bench data list` shows the built-in ones.',
  });
}
