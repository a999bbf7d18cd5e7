import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { builtInCorpora } from './corpora.js';

export function isBuiltIn(corpus: string): boolean {
  return builtInCorpora.some(({ name }) => name === corpus);
}

/**
 * Resolves a corpus to the name of a built-in corpus or the absolute path of a text, which is valid in every working folder.
 * All spellings of a path, also through links, resolve to the same corpus.
 */
export function fixedCorpus(word: string): string {
  if (isBuiltIn(word)) return word;
  const path = resolve(word);
  const target = realPath(path);
  // A link may point to a file without an extension. Then the link's own name says that it is a text.
  if (isFolder(target) || target.toLowerCase().endsWith('.txt')) return target;
  return join(realPath(dirname(path)), basename(path));
}

/** A short name of a corpus, for places without room for its path. */
export function corpusTitle(corpus: string): string {
  return isAbsolute(corpus) ? basename(corpus) : corpus;
}

/** Resolves links in a path. A missing path is returned as it is, and reported when it is read. */
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
