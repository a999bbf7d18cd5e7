import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, it, expect } from 'vitest';
import { DocumentCutter, type Part } from '../../src/data/documents.js';
import { readPieces } from '../../src/data/text.js';
import { failureOf, folderWith } from './helpers.js';

async function read(path: string, size?: number): Promise<string> {
  let text = '';
  for await (const piece of readPieces(path, size)) text += piece;
  return text;
}

const refused = (content: Uint8Array, name = 'a.txt') =>
  failureOf(() => read(join(folderWith({ [name]: content }), name)));

function utf16(text: string, order: 'le' | 'be'): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

function utf32(text: string, order: 'le' | 'be'): Buffer {
  const characters = Array.from(text);
  const bytes = Buffer.alloc(characters.length * 4);
  for (const [i, character] of characters.entries()) {
    const code = character.codePointAt(0)!;
    if (order === 'le') bytes.writeUInt32LE(code, i * 4);
    else bytes.writeUInt32BE(code, i * 4);
  }
  return bytes;
}

/** The documents of a text that comes in pieces, and how many were empty. */
function cut(pieces: string[]): { documents: string[]; empty: number } {
  let empty = 0;
  const cutter = new DocumentCutter(() => empty++);
  const documents: string[] = [];
  const take = (parts: Part[]) => {
    for (const { document, text } of parts) documents[document] = (documents[document] ?? '') + text;
  };
  for (const piece of pieces) take(cutter.push(piece));
  take(cutter.finish());
  return { documents, empty };
}

describe('readPieces', () => {
  it('reads UTF-8, also with the replacement character itself, whatever the size of the pieces', async () => {
    const text = 'Ahab’s \uFFFD café 𝔸𝔸 漢字\n';
    const path = join(folderWith({ 'a.txt': text }), 'a.txt');
    for (const size of [4, 5, 6, 7, 8, 64]) expect(await read(path, size)).toBe(text);
  });

  it('refuses other encodings with the place of the first wrong byte', async () => {
    const error = await refused(Buffer.concat([Buffer.from('Ahab \uFFFD caf'), Uint8Array.of(0xe9)]), 'latin1.txt');
    expect(error).toMatchObject({ code: 'corpus_not_utf8', exitCode: 2 });
    expect(error.message).toContain('latin1.txt is not UTF-8 text: byte 12 is 0xe9');
    expect(error.hint).toContain('iconv');
  });

  it('counts the place from the beginning of the file, also in a later piece', async () => {
    const path = join(folderWith({ 'a.txt': Buffer.concat([Buffer.alloc(100, 'é'), Uint8Array.of(0xff)]) }), 'a.txt');
    expect((await failureOf(() => read(path, 16))).message).toContain('byte 100 is 0xff');
  });

  it('refuses a file that ends inside a character', async () => {
    expect((await refused(Buffer.from('café').subarray(0, 4))).message).toContain('byte 3 is 0xc3');
  });

  it('names a file that is not there', async () => {
    const error = await failureOf(() => read(join(folderWith(), 'gone.txt')));
    expect(error).toMatchObject({ code: 'corpus_unreadable', exitCode: 2 });
    expect(error.message).toContain('gone.txt');
  });

  const english = 'Call me Ishmael. Some years ago, never mind how long precisely.\r\n';
  const chinese = '道可道，非常道。名可名，非常名。無名天地之始；有名萬物之母。';
  const russian = 'Все счастливые семьи похожи друг на друга.\n';
  const mark = '\uFEFF';
  it.each<[string, string, Uint8Array, string]>([
    ['UTF-16 of PowerShell', 'utf-16le', utf16(mark + english, 'le'), english],
    ['UTF-16, big end first', 'utf-16be', utf16(mark + english, 'be'), english],
    ['UTF-16 without a mark', 'utf-16le', utf16(english, 'le'), english],
    ['UTF-16 without a mark, big end first', 'utf-16be', utf16(english, 'be'), english],
    ['a word in UTF-16', 'utf-16le', utf16('whale', 'le'), 'whale'],
    ['Chinese in UTF-16 without a mark', 'utf-16le', utf16(chinese.repeat(40), 'le'), chinese],
    ['Chinese in UTF-16 without a mark, big end first', 'utf-16be', utf16(chinese.repeat(40), 'be'), chinese],
    ['Russian in UTF-16 without a mark', 'utf-16le', utf16(russian, 'le'), russian],
    ['UTF-16 longer than a sample', 'utf-16le', utf16('𝔸' + english.repeat(3000), 'le'), english],
    ['UTF-32', 'utf-32le', utf32(mark + english, 'le'), english],
    ['UTF-32, big end first', 'utf-32be', utf32(mark + english, 'be'), english],
    ['UTF-32 without a mark', 'utf-32le', utf32(english, 'le'), english],
    ['UTF-32 without a mark, big end first', 'utf-32be', utf32(chinese, 'be'), chinese],
    ['Latin-1', 'iso-8859-1', Buffer.from('Das Mädchen läuft über die Straße.', 'latin1'), 'Mädchen läuft'],
    [
      'Windows-1252',
      'windows-1252',
      Buffer.concat([Buffer.from('Ahab'), Uint8Array.of(0x92), Buffer.from('s caf\xe9 and the sea', 'latin1')]),
      'Ahab’s café',
    ],
  ])('names %s with the conversion that gives its text', async (_, name, bytes, text) => {
    const folder = folderWith({ "it's.txt": bytes });
    const path = join(folder, "it's.txt");
    const error = await failureOf(() => read(path));
    expect(error.code).toBe('corpus_not_utf8');
    expect(error.message).toContain(`it looks like ${name}`);
    const command = /: (iconv .*)$/.exec(error.hint!)![1]!;
    execFileSync('sh', ['-c', command], { cwd: folder });
    expect(readFileSync(path, 'utf8')).toContain(text);
    expect(await read(path)).toContain(text);
  });

  it('says that most is UTF-8 where single bytes are wrong', async () => {
    const { hint } = await refused(Buffer.concat([Buffer.from('déjà vu, naïveté, œuvre, été'), Uint8Array.of(0xff)]));
    expect(hint).toContain('Most of it is UTF-8');
  });

  it('guesses nothing where most letters are beyond ASCII', async () => {
    // Windows-1251.
    const bytes = Uint8Array.from(Array.from(russian, (c) => (c > '\x7f' ? c.charCodeAt(0) - 0x350 : c.charCodeAt(0))));
    expect((await refused(bytes)).hint).toContain('Find out its encoding');
  });

  it.each<[string, Uint8Array, string]>([
    ['zeros in text', Buffer.from('some text\0and more text'), 'binary, not text: byte 9 is 0x00'],
    ['nothing but zeros', Buffer.alloc(5000), 'binary, not text: byte 0 is 0x00'],
    ['a single zero', Buffer.alloc(1), 'binary'],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3), 'gzip format'],
    ['PDF', Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1'), 'PDF format'],
    ['AppleDouble', Buffer.from('\0\x05\x16\x07\0\x02\0\0Mac OS X        ', 'latin1'), 'AppleDouble format'],
    ['noise', Uint8Array.from({ length: 4000 }, (_, i) => (i * 7919 + (i >> 3) * 31) % 256), 'binary'],
  ])('refuses %s as binary', async (_, bytes, message) => {
    const error = await refused(bytes);
    expect(error).toMatchObject({ code: 'corpus_binary', exitCode: 2 });
    expect(error.message).toContain(message);
  });
});

describe('DocumentCutter', () => {
  it('removes byte-order mark, carriage returns and outer white space, and nothing else', () => {
    expect(cut(['\uFEFF\n a\r\nb  c\n\n\nd\re \r\n\n']).documents).toEqual(['a\nb  c\n\n\nd\re']);
  });

  it('counts documents without text, of which the end of a file is none', () => {
    expect(cut(['a<|endoftext|>b<|endoftext|>\n'])).toEqual({ documents: ['a', 'b'], empty: 0 });
    expect(cut(['a<|endoftext|> \n<|endoftext|>b'])).toEqual({ documents: ['a', 'b'], empty: 1 });
    expect(cut([' \n'])).toEqual({ documents: [], empty: 1 });
    expect(cut(['<|endoftext|>'])).toEqual({ documents: [], empty: 1 });
  });

  it('does the same whatever the pieces are', () => {
    const part = fc.constantFrom(
      '<|endoftext|>',
      '<|endof',
      '<|',
      'text|>',
      '\r',
      '\n',
      '\r\n',
      ' ',
      'a',
      '\uFEFF',
      '𝔸',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (pieces) => {
        const expected = pieces
          .join('')
          .replaceAll('\r\n', '\n')
          .split('<|endoftext|>')
          .map((text) => text.trim())
          .filter((text) => text !== '');
        expect(cut(pieces).documents).toEqual(expected);
        // Character by character: the marks themselves come in pieces.
        expect(cut(Array.from(pieces.join(''))).documents).toEqual(expected);
      }),
    );
  });
});
