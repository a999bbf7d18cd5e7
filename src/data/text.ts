import { isUtf8 } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';
import { firstWrongByte, guessEncoding, type Encoding } from './encoding.js';
import { unreadable } from './text-files.js';

const pieceBytes = 1 << 22;
const sampleBytes = 1 << 16;

/**
 * Reads a UTF-8 file in pieces that end between characters, because a file can be larger than the longest string.
 * @throws {SoapBenchError} `corpus_unreadable`; `corpus_binary`; `corpus_not_utf8` with the position of the first wrong byte
 * and a conversion command, because silently replaced bytes would be trained on.
 */
export async function* readPieces(path: string, size = pieceBytes): AsyncGenerator<string> {
  const failed = (error: unknown) => {
    throw unreadable(path, messageOf(error), error);
  };
  const file = await open(path).catch(failed);
  try {
    const buffer = Buffer.allocUnsafe(size);
    let kept = 0;
    for (let offset = 0; ;) {
      const { bytesRead } = await file.read(buffer, kept, size - kept).catch(failed);
      const filled = buffer.subarray(0, kept + bytesRead);
      const end = bytesRead === 0 ? filled.length : endOfWholeCharacters(filled);
      const bytes = filled.subarray(0, end);
      if (!isUtf8(bytes) || bytes.includes(0)) throw await notText(file, path, offset + firstWrongByte(bytes), bytes);
      if (end > 0) yield bytes.toString('utf8');
      if (bytesRead === 0) return;
      offset += end;
      kept = filled.length - end;
      filled.copyWithin(0, end);
    }
  } finally {
    await file.close();
  }
}

/** The end of the last complete character. */
function endOfWholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

async function notText(file: FileHandle, path: string, position: number, bytes: Buffer): Promise<SoapBenchError> {
  const wrong = bytes[firstWrongByte(bytes)] ?? 0;
  const sample = async (from: number) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(sampleBytes), 0, sampleBytes, from);
    return buffer.subarray(0, bytesRead);
  };
  const around = await sample(Math.max(0, position - sampleBytes / 2));
  const encoding = guessEncoding(await sample(0), around);
  const place = `byte ${position} is 0x${wrong.toString(16).padStart(2, '0')}`;
  const details = { exitCode: exitCodes.usage, hint: hintFor(encoding, path) };
  if (encoding.kind === 'binary') {
    const what = encoding.name === undefined ? 'binary' : `a file in ${encoding.name} format`;
    return new SoapBenchError('corpus_binary', `${path} is ${what}, not text: ${place}.`, details);
  }
  const what = encoding.kind === 'text' ? `; it looks like ${encoding.name}` : '';
  return new SoapBenchError('corpus_not_utf8', `${path} is not UTF-8 text: ${place}${what}.`, details);
}

function hintFor(encoding: Encoding, path: string): string {
  const file = /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
  const convert = (from: string) => `iconv -f ${from} -t utf-8 ${file} > converted.txt && mv converted.txt ${file}`;
  switch (encoding.kind) {
    case 'text':
      return `Convert it first: ${convert(encoding.name)}`;
    case 'damaged':
      return `Most of it is UTF-8. Mend it, or leave the wrong bytes out: ${convert('utf-8 -c')}`;
    case 'unknown':
      return `Find out its encoding (\`uchardet ${file}\` guesses), then convert it: ${convert('<encoding>')}`;
    case 'binary':
      return 'Take it out of the corpus, or give it another ending: only .txt files are read.';
  }
}
