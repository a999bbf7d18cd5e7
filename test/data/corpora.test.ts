import { join } from 'node:path';
import { describe, it, expect } from 'vitest';
import { builtInCorpora, openCorpus } from '../../src/data/corpora.js';
import { failureOf, folderWith } from './helpers.js';

const namesOf = async (corpus: string) => (await (await openCorpus(corpus)).documents()).map(({ name }) => name);

describe('built-in corpora', () => {
  it('say where they come from and under which licence', () => {
    for (const corpus of builtInCorpora) {
      expect(corpus.source).toMatch(/^npm package /);
      expect(corpus.license).toMatch(/CC0/);
      expect(corpus.description.length).toBeGreaterThan(20);
    }
  });

  it('sotu: all 233 addresses by year, none empty', async () => {
    const documents = await (await openCorpus('sotu')).documents();
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
    const corpus = await openCorpus(join(folder, 'My Book.txt'));
    expect(corpus.name).toBe('my-book');
    expect(await corpus.documents()).toEqual([{ name: 'My Book.txt', text: 'one\n\n\ntwo' }]);
  });

  it('splits a file at end-of-text marks', async () => {
    const folder = folderWith({ 'many.txt': 'one\n<|endoftext|>\ntwo<|endoftext|>  <|endoftext|>three<|endoftext|>' });
    expect(await (await openCorpus(join(folder, 'many.txt'))).documents()).toEqual([
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
  });

  it.each([
    ['an empty file', { 'a.txt': '' }, 'a.txt', 'corpus_empty', 'holds no text'],
    ['a folder of empty files', { 'x/a.txt': '\n', 'x/b.txt': '' }, 'x', 'corpus_empty', 'holds no text'],
    ['a folder without .txt', { 'x/a.md': 'text' }, 'x', 'corpus_without_text', 'holds no .txt file'],
    ['a file of another kind', { 'a.pdf': 'text' }, 'a.pdf', 'corpus_not_text', 'is not a .txt file'],
    ['a binary file in a folder', { 'x/a.txt': Uint8Array.of(0xff, 0xfe) }, 'x', 'corpus_not_utf8', 'byte 0 is 0xff'],
  ])('refuses %s', async (_, files, path, code, message) => {
    const folder = folderWith(files);
    const error = await failureOf(async () => (await openCorpus(join(folder, path))).documents());
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(error.message).toContain(message);
    expect(error.hint).toBeDefined();
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
