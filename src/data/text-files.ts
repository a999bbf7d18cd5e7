import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';
import { fileState, type FileFacts } from './remembered.js';

/** A text file of a corpus. */
export interface TextFile {
  /** Its path inside the corpus, with slashes, from which documents get their names. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  /** The identity and state of the file, which changes with its contents. */
  readonly state: string;
  /** Time of the last change of any kind, in milliseconds. */
  readonly changedMs: number;
}

/** A count with a few example names. */
export interface Tally {
  count: number;
  examples: string[];
}

/** Entries of a corpus folder that are not read. */
export interface Skipped {
  /** Hidden files and folders, and leftovers of editors and operating systems. */
  readonly hidden: Tally;
  /** Links to files that are read anyway, or to the corpus itself. */
  readonly repeated: Tally;
  /** Files with extensions other than .txt. */
  readonly other: Tally;
}

export interface CorpusFiles {
  readonly files: readonly TextFile[];
  readonly skipped: Skipped;
}

export function tally(): Tally {
  return { count: 0, examples: [] };
}

export function add(to: Tally, name: string): void {
  to.count += 1;
  if (to.examples.length < 5) to.examples.push(name);
}

export function nothingSkipped(): Skipped {
  return { hidden: tally(), repeated: tally(), other: tally() };
}

/**
 * Describes a file that is given by its path.
 * @throws {SoapBenchError} `corpus_unreadable` if it cannot be accessed or is not a regular file.
 */
export async function textFile(path: string, name: string): Promise<TextFile> {
  return fileOf(path, name, await lookAt(path));
}

/**
 * Finds the .txt files below a folder at any depth, in the same order on every machine. Links are followed. Each file is
 * listed once, under its own path rather than a link's if possible.
 * @throws {SoapBenchError} `corpus_unreadable` for a folder that cannot be read, and for a dangling link or a pipe that is
 * named like a text.
 */
export async function findTextFiles(folder: string): Promise<CorpusFiles> {
  const skipped = nothingSkipped();
  const root = await lookAt(folder);
  const above = await foldersAbove(folder);
  const folders = new Set([identity(root)]);
  const known = new Set<string>();
  const files: TextFile[] = [];
  /** Links to follow after all files that are here themselves. */
  const links: string[] = [];

  const takeFiles = (found: readonly TextFile[]) => {
    for (const file of [...found].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const which = file.state.split(' ')[0]!;
      if (known.has(which)) add(skipped.repeated, file.name);
      else {
        known.add(which);
        files.push(file);
      }
    }
  };
  const isText = (name: string) => name.toLowerCase().endsWith('.txt');
  /** Lists everything below a folder, without following links. */
  const walk = async (below: string): Promise<TextFile[]> => {
    const found: TextFile[] = [];
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: unknown) => {
      throw unreadable(join(folder, below), messageOf(error), error);
    });
    for (const entry of entries) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (isLeftOver(entry.name)) add(skipped.hidden, name);
      else if (entry.isSymbolicLink()) links.push(name);
      else if (entry.isDirectory()) {
        // Also recognizes a folder that is mounted a second time.
        const which = identity(await lookAt(join(folder, name)));
        if (folders.has(which)) add(skipped.repeated, name);
        else {
          folders.add(which);
          found.push(...(await walk(name)));
        }
      } else if (isText(entry.name)) found.push(await textFile(join(folder, name), name));
      else add(skipped.other, name);
    }
    return found;
  };
  const follow = async (name: string): Promise<TextFile[]> => {
    const path = join(folder, name);
    const target = await stat(path, { bigint: true }).catch((error: unknown) => {
      // Without an extension, it may have been a folder of texts.
      if (isText(name) || extname(name) === '') throw unreadable(path, 'it is a link to nothing', error);
      return undefined;
    });
    if (target?.isDirectory()) {
      const which = identity(target);
      if (!folders.has(which) && !above.has(which)) {
        folders.add(which);
        return walk(name);
      }
      add(skipped.repeated, name);
    } else if (target !== undefined && isText(name)) return [fileOf(path, name, target)];
    else add(skipped.other, name);
    return [];
  };

  takeFiles(await walk(''));
  while (links.length > 0) {
    const next = links.splice(0).sort();
    const found: TextFile[] = [];
    for (const name of next) found.push(...(await follow(name)));
    takeFiles(found);
  }
  // Targets of links are read under the links' names, so all names are sorted together.
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { files, skipped };
}

/** Returns true for hidden files and for those that editors, office programs or operating systems leave behind. */
function isLeftOver(name: string): boolean {
  return name.startsWith('.') || name.startsWith('~$') || systemFolders.has(name);
}

const systemFolders = new Set(['__MACOSX', '@eaDir', '$RECYCLE.BIN', 'System Volume Information', 'lost+found']);

/** The folders above a folder. A link to one of them would be a cycle. */
async function foldersAbove(folder: string): Promise<Set<string>> {
  const above = new Set<string>();
  for (let path = await realpath(folder); path !== dirname(path); path = dirname(path)) {
    above.add(identity(await lookAt(dirname(path))));
  }
  return above;
}

interface EntryFacts extends FileFacts {
  isFile(): boolean;
  isDirectory(): boolean;
}

async function lookAt(path: string): Promise<EntryFacts> {
  return stat(path, { bigint: true }).catch((error: unknown) => {
    throw unreadable(path, messageOf(error), error);
  });
}

function fileOf(path: string, name: string, facts: EntryFacts): TextFile {
  if (!facts.isFile()) throw unreadable(path, 'it is neither a file nor a folder');
  return { name, path, bytes: Number(facts.size), ...fileState(facts) };
}

function identity({ dev, ino }: Pick<EntryFacts, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`;
}

export function unreadable(path: string, why: string, cause?: unknown): SoapBenchError {
  return new SoapBenchError('corpus_unreadable', `Cannot read ${path}: ${why}.`, {
    exitCode: exitCodes.usage,
    hint: 'Check that it is there and that you may read it, or take it out of the corpus.',
    cause,
  });
}
