import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { builtInCorpora } from './corpora.js';

export function isBuiltIn(corpus: string): boolean {
  return builtInCorpora.some(({ name }) => name === corpus);
}

/**
 * What a word for a corpus means, wherever it is read later: the name of a built-in corpus, or the absolute path of a text.
 * Two spellings of one path, also through links, are one corpus.
 */
export function fixedCorpus(word: string): string {
  if (isBuiltIn(word)) return word;
  const path = resolve(word);
  const target = realPath(path);
  // A text may be a link to a store of files that have no endings; its own name says that it is a text.
  if (isFolder(target) || target.toLowerCase().endsWith('.txt')) return target;
  return join(realPath(dirname(path)), basename(path));
}

/** What a corpus is called where there is no room for its path. */
export function corpusTitle(corpus: string): string {
  return isAbsolute(corpus) ? basename(corpus) : corpus;
}

/** The path itself where nothing is there, which whoever reads it will say. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
