import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, expect } from 'vitest';
import { builtInCorpora, openCorpus } from '../../src/data/corpora.js';
import { readParts } from '../../src/data/documents.js';
import { documentName, survey } from '../../src/data/survey.js';
import { failureOf, folderWith } from './helpers.js';

/** The documents of a corpus with their texts. */
async function documentsOf(corpus: string): Promise<{ name: string; text: string }[]> {
  const documents: { name: string; text: string }[] = [];
  for (const file of (await survey((await (await openCorpus(corpus)).files()).files)).files) {
    const texts = file.lengths.map(() => '');
    for await (const parts of readParts(file.path)) {
      for (const { document, text } of parts) texts[document]! += text;
    }
    documents.push(...texts.map((text, i) => ({ name: documentName(file, i), text })));
  }
  return documents;
}

const namesOf = async (corpus: string) => (await documentsOf(corpus)).map(({ name }) => name);
const skippedIn = async (corpus: string) => (await (await openCorpus(corpus)).files()).skipped;

describe('built-in corpora', () => {
  it('say where they come from and under which licence', () => {
    for (const corpus of builtInCorpora) {
      expect(corpus.source).toMatch(/^npm package /);
      expect(corpus.license).toMatch(/CC0/);
      expect(corpus.description.length).toBeGreaterThan(20);
    }
  });

  it('sotu: all 233 addresses by year, none empty', async () => {
    const documents = await documentsOf('sotu');
    expect(documents).toHaveLength(233);
    expect(documents[0]!.name).toBe('1790_george_washington_n');
    expect(documents[0]!.text).toMatch(/^Fellow-Citizens of the Senate/);
    expect(documents.every(({ text }) => text.length > 1000)).toBe(true);
  });

  it('moby-dick: chapters in reading order, without the table of contents', async () => {
    const names = await namesOf('moby-dick');
    expect(names).toHaveLength(138);
    expect(names.slice(0, 4)).toEqual(['etymology', 'extracts', 'chapter_1', 'chapter_2']);
    expect(names.at(-1)).toBe('epilogue');
  });
});

describe('local text', () => {
  it('takes a file as one document, whatever its blank lines', async () => {
    const folder = folderWith({ 'My Book.txt': '\uFEFFone\r\n\r\n\r\ntwo\n' });
    const path = join(folder, 'My Book.txt');
    expect((await openCorpus(path)).name).toBe('my-book');
    expect(await documentsOf(path)).toEqual([{ name: 'My Book.txt', text: 'one\n\n\ntwo' }]);
  });

  it('splits a file at end-of-text marks', async () => {
    const folder = folderWith({ 'many.txt': 'one\n<|endoftext|>\ntwo<|endoftext|>  <|endoftext|>three<|endoftext|>' });
    expect(await documentsOf(join(folder, 'many.txt'))).toEqual([
      { name: 'many.txt#1', text: 'one' },
      { name: 'many.txt#2', text: 'two' },
      { name: 'many.txt#3', text: 'three' },
    ]);
  });

  it('takes all .txt files of a folder at any depth, by path, and leaves out empty and other files', async () => {
    const folder = folderWith({
      'b.txt': 'b',
      'a/z.TXT': 'z',
      'B.txt': 'B',
      'a/deep/x.txt': 'x',
      'empty.txt': ' \n',
      'notes.md': 'no',
      'folder.txt/inside.txt': 'i',
    });
    expect(await namesOf(folder)).toEqual(['B.txt', 'a/deep/x.txt', 'a/z.TXT', 'b.txt', 'folder.txt/inside.txt']);
    expect((await skippedIn(folder)).other).toEqual({ count: 1, examples: ['notes.md'] });
    expect((await survey((await (await openCorpus(folder)).files()).files)).empty.examples).toEqual(['empty.txt']);
  });

  it('leaves out what is hidden and what editors and systems leave behind, and says so', async () => {
    const folder = folderWith({
      'd1.txt': 'one',
      '.ipynb_checkpoints/d1-checkpoint.txt': 'one',
      '._d1.txt': Uint8Array.of(0, 5, 22, 7),
      '.hidden.txt': 'no',
      '.git/x.txt': 'no',
      'deep/.cache/y.txt': 'no',
      'deep/z.txt': 'two',
      '__MACOSX/._d1.txt': 'no',
      '__MACOSX/d1.txt': 'no',
      '~$d1.txt': 'no',
    });
    symlinkSync('me@host.1234', join(folder, '.#d1.txt'));
    expect(await namesOf(folder)).toEqual(['d1.txt', 'deep/z.txt']);
    expect((await skippedIn(folder)).hidden.count).toBe(8);
  });

  it('takes a hidden file or folder that is asked for by its name', async () => {
    const folder = folderWith({ '.mine/a.txt': 'a' });
    expect(await namesOf(join(folder, '.mine'))).toEqual(['a.txt']);
  });

  it.each([
    [
      'a file of another kind',
      { 'a.pdf': 'text' },
      'a.pdf',
      'corpus_not_text',
      'is not a .txt file',
      'Give a plain text file',
    ],
    ['a folder without .txt', { 'x/a.md': 'text' }, 'x', 'corpus_without_text', 'holds no .txt file', 'at any depth'],
    ['a folder of hidden files', { 'x/.a.txt': 'text' }, 'x', 'corpus_without_text', '.a.txt', 'at any depth'],
    ['a binary file', { 'x/a.txt': Uint8Array.of(0xff, 0xfe) }, 'x', 'corpus_not_utf8', 'byte 0 is 0xff', 'iconv -f'],
    [
      'several files, by their names',
      { 'x/a.txt': 'good', 'x/b.txt': Uint8Array.of(0xe9), 'x/c.txt': '\0', 'x/d.txt': '\0' },
      'x',
      'corpus_not_utf8',
      '2 other files cannot be used either: c.txt, d.txt',
      'iconv -f',
    ],
  ])('refuses %s, and says what to do', async (_, files, path, code, message, hint) => {
    const folder = folderWith(files);
    const error = await failureOf(() => documentsOf(join(folder, path)));
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  it('proposes the corpus that was probably meant', async () => {
    const error = await failureOf(() => openCorpus('Moby_Dick'));
    expect(error).toMatchObject({ code: 'corpus_unknown', exitCode: 2 });
    expect(error.message).toContain('none of sotu, moby-dick');
    expect(error.message).toContain('did you mean "moby-dick"?');
  });

  it('proposes nothing when nothing is close', async () => {
    expect((await failureOf(() => openCorpus('shakespeare'))).hint).not.toContain('Did you mean');
  });
});

describe('links in a folder of texts', () => {
  const texts = () => folderWith({ 'texts/a.txt': 'a', 'texts/deep/b.txt': 'b', 'outside/c.txt': 'c', 'd.txt': 'd' });

  it.each<[string, (folder: string) => void]>([
    [
      'to the folder itself',
      (folder) => {
        symlinkSync('.', join(folder, 'texts/self'));
      },
    ],
    [
      'to the folder by its absolute path',
      (folder) => {
        symlinkSync(join(folder, 'texts'), join(folder, 'texts/self'));
      },
    ],
    [
      'to a folder above',
      (folder) => {
        symlinkSync('..', join(folder, 'texts/up'));
      },
    ],
    [
      'to the root of everything',
      (folder) => {
        symlinkSync('/', join(folder, 'texts/root'));
      },
    ],
    [
      'from below to above',
      (folder) => {
        symlinkSync('../..', join(folder, 'texts/deep/up'));
      },
    ],
    [
      'to a folder beside, which comes later',
      (folder) => {
        symlinkSync('deep', join(folder, 'texts/0first'));
      },
    ],
    [
      'to a file beside',
      (folder) => {
        symlinkSync('a.txt', join(folder, 'texts/0.txt'));
      },
    ],
    [
      'that are hard',
      (folder) => {
        linkSync(join(folder, 'texts/a.txt'), join(folder, 'texts/z.txt'));
      },
    ],
    [
      'that lead in a circle',
      (folder) => {
        mkdirSync(join(folder, 'texts/x'));
        symlinkSync('../y', join(folder, 'texts/x/y'));
        mkdirSync(join(folder, 'texts/y'));
        symlinkSync('../x', join(folder, 'texts/y/x'));
      },
    ],
  ])('%s give each file once, under its own name', async (_, link) => {
    const folder = texts();
    link(folder);
    expect(await namesOf(join(folder, 'texts'))).toEqual(['a.txt', 'deep/b.txt']);
    expect((await skippedIn(join(folder, 'texts'))).repeated.count).toBeGreaterThan(0);
  });

  it('to texts outside are followed, each once', async () => {
    const folder = texts();
    symlinkSync('../outside', join(folder, 'texts/linked'));
    symlinkSync('../outside', join(folder, 'texts/linked-again'));
    symlinkSync('../d.txt', join(folder, 'texts/d.txt'));
    symlinkSync('../d.txt', join(folder, 'texts/e.txt'));
    symlinkSync('../texts', join(folder, 'outside/back'));
    expect(await namesOf(join(folder, 'texts'))).toEqual(['a.txt', 'd.txt', 'deep/b.txt', 'linked/c.txt']);
    expect((await skippedIn(join(folder, 'texts'))).repeated.examples).toEqual([
      'linked-again',
      'e.txt',
      'linked/back',
    ]);
  });

  it.each([
    ['x.txt', 'nowhere'],
    ['x.txt', 'x.txt'],
    ['x', '/no/such/disk'],
  ])('to nothing are refused: %s to %s', async (name, target) => {
    const folder = texts();
    symlinkSync(target, join(folder, 'texts', name));
    const error = await failureOf(() => namesOf(join(folder, 'texts')));
    expect(error).toMatchObject({ code: 'corpus_unreadable', exitCode: 2 });
    expect(error.message).toContain(join(folder, 'texts', name));
    rmSync(join(folder, 'texts', name));
  });

  it('do not make a pipe a text', async () => {
    const folder = texts();
    execFileSync('mkfifo', [join(folder, 'texts/pipe.txt')]);
    expect((await failureOf(() => namesOf(join(folder, 'texts')))).message).toContain('neither a file nor a folder');
    expect((await failureOf(() => namesOf(join(folder, 'texts/pipe.txt')))).code).toBe('corpus_unreadable');
  });
});
