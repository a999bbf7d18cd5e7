import { join } from 'node:path';
import { describe, it, expect } from 'vitest';
import { cleanText, readText } from '../../src/data/text.js';
import { failureOf, folderWith } from './helpers.js';

describe('cleanText', () => {
  it('removes byte-order mark, carriage returns and outer white space, and nothing else', () => {
    expect(cleanText('\uFEFF\n a\r\nb  c\n\n\nd\re \r\n\n')).toBe('a\nb  c\n\n\nd\re');
  });
});

describe('readText', () => {
  it('reads UTF-8, also with the replacement character itself', async () => {
    const folder = folderWith({ 'a.txt': 'Ahab’s \uFFFD café' });
    expect(await readText(join(folder, 'a.txt'))).toBe('Ahab’s \uFFFD café');
  });

  it('refuses other encodings with the place of the first wrong byte', async () => {
    const folder = folderWith({ 'latin1.txt': Buffer.concat([Buffer.from('Ahab \uFFFD caf'), Uint8Array.of(0xe9)]) });
    const error = await failureOf(() => readText(join(folder, 'latin1.txt')));
    expect(error).toMatchObject({ code: 'corpus_not_utf8', exitCode: 2 });
    expect(error.message).toContain('latin1.txt is not UTF-8 text: byte 12 is 0xe9');
    expect(error.hint).toContain('iconv');
  });

  it('refuses a file that ends inside a character', async () => {
    const folder = folderWith({ 'cut.txt': Buffer.from('café').subarray(0, 4) });
    const error = await failureOf(() => readText(join(folder, 'cut.txt')));
    expect(error.message).toContain('byte 3 is 0xc3');
  });

  it('names a file that is not there', async () => {
    const error = await failureOf(() => readText(join(folderWith(), 'gone.txt')));
    expect(error).toMatchObject({ code: 'corpus_unreadable', exitCode: 2 });
    expect(error.message).toContain('gone.txt');
  });
});
