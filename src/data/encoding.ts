import { isUtf8 } from 'node:buffer';

/** The guessed encoding of bytes that are not UTF-8 text. */
export type Encoding =
  /** Text in an encoding that iconv knows by this name. */
  | { readonly kind: 'text'; readonly name: string }
  /** UTF-8 with a few wrong bytes. */
  | { readonly kind: 'damaged' }
  /** Probably text, in an unknown encoding. */
  | { readonly kind: 'unknown' }
  /** Not text; `name` is the format if it is known. */
  | { readonly kind: 'binary'; readonly name?: string };

/**
 * Guesses the encoding of a file that is not UTF-8 text.
 * @param beginning Its first few thousand bytes.
 * @param around Bytes around the first wrong one.
 */
export function guessEncoding(beginning: Buffer, around: Buffer): Encoding {
  const mark = byteOrderMarks.find(([bytes]) => beginsWith(beginning, bytes));
  if (mark !== undefined) return { kind: 'text', name: mark[1] };
  const format = formats.find(([bytes]) => beginsWith(beginning, bytes));
  if (format !== undefined) return { kind: 'binary', name: format[1] };
  const wide = wideEncoding(beginning);
  if (wide !== undefined) return { kind: 'text', name: wide };
  if (around.includes(0)) return { kind: 'binary' };
  return narrowEncoding(around);
}

const byteOrderMarks: readonly (readonly [number[], string])[] = [
  // Before UTF-16's mark, which starts with the same bytes.
  [[0xff, 0xfe, 0, 0], 'utf-32le'],
  [[0, 0, 0xfe, 0xff], 'utf-32be'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

const formats: readonly (readonly [number[], string])[] = [
  [[0x1f, 0x8b], 'gzip'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'Zstandard'],
  [[0x42, 0x5a, 0x68], 'bzip2'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz'],
  [[0x50, 0x4b, 0x03, 0x04], 'zip'],
  [[0x25, 0x50, 0x44, 0x46], 'PDF'],
  [[0x89, 0x50, 0x4e, 0x47], 'PNG'],
  [[0xff, 0xd8, 0xff], 'JPEG'],
  [[0x7f, 0x45, 0x4c, 0x46], 'ELF'],
  [[0x50, 0x41, 0x52, 0x31], 'Parquet'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'Microsoft Office'],
  [[0x00, 0x05, 0x16, 0x07], 'AppleDouble'],
];

function beginsWith(bytes: Buffer, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

/** Recognizes UTF-16 or UTF-32 without a byte-order mark. Of several possible ones, it chooses the one with most punctuation. */
function wideEncoding(bytes: Buffer): string | undefined {
  if (isAsciiWithZeros(bytes)) return undefined;
  const readings = [
    { name: 'utf-32le', text: utf32(bytes, 'LE') },
    { name: 'utf-32be', text: utf32(bytes, 'BE') },
    { name: 'utf-16le', text: utf16(bytes, 'utf-16le') },
    { name: 'utf-16be', text: utf16(bytes, 'utf-16be') },
  ];
  const scored = readings.map(({ name, text }) => ({ name, score: text === undefined ? 0 : ordinaryShare(text) }));
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a));
  return best.score >= 0.02 ? best.name : undefined;
}

/** Returns true for ASCII text with some bytes overwritten by zeros. In UTF-16, half of the bytes would be zeros. */
function isAsciiWithZeros(bytes: Buffer): boolean {
  const zeros = bytes.filter((byte) => byte === 0).length;
  const ascii = bytes.filter(
    (byte) => byte === 0x09 || byte === 0x0a || byte === 0x0d || (byte >= 0x20 && byte < 0x7f),
  );
  return zeros < bytes.length / 4 && ascii.length + zeros > 0.98 * bytes.length;
}

/** The share of ASCII and East Asian punctuation, which every text has; 0 if it is not text. */
function ordinaryShare(text: string): number {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  const strange = count(/[^\P{C}\t\n\r\f\p{Cf}]/gu);
  return strange > text.length / 100
    ? 0
    : count(/[\t\n\r\x20-\x7e\u3000-\u3002\uff01\uff0c\uff1a\uff1f]/g) / text.length;
}

function utf16(bytes: Buffer, name: string): string | undefined {
  if (bytes.length < 2) return undefined;
  try {
    // As a stream, so that a surrogate pair cut by the sample is not an error.
    return new TextDecoder(name, { fatal: true }).decode(bytes.subarray(0, bytes.length & ~1), { stream: true });
  } catch {
    return undefined;
  }
}

function utf32(bytes: Buffer, order: 'LE' | 'BE'): string | undefined {
  const characters: string[] = [];
  for (let i = 0; i + 4 <= bytes.length; i += 4) {
    const code = order === 'LE' ? bytes.readUInt32LE(i) : bytes.readUInt32BE(i);
    if (code > 0x10ffff) return undefined;
    characters.push(String.fromCodePoint(code));
  }
  return characters.length === 0 ? undefined : characters.join('');
}

function narrowEncoding(bytes: Buffer): Encoding {
  const high = bytes.filter((byte) => byte >= 0x80);
  const letters = bytes.filter((byte) => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a).length;
  const control = bytes.filter((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d].includes(byte)).length;
  if (control > bytes.length / 50) return { kind: 'binary' };
  const wrong = bytes.toString('utf8').match(/\ufffd/g)?.length ?? 0;
  // Multi-byte characters do not occur by chance.
  if (high.length > 4 * wrong) return { kind: 'damaged' };
  // In Western European languages most letters are ASCII.
  if (high.length > 0.4 * (letters + high.length)) return { kind: 'unknown' };
  if (high.some((byte) => [0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte))) return { kind: 'unknown' };
  return { kind: 'text', name: high.some((byte) => byte < 0xa0) ? 'windows-1252' : 'iso-8859-1' };
}

/** The position of the first byte that is invalid in UTF-8 text or zero. */
export function firstWrongByte(bytes: Buffer): number {
  const zero = bytes.indexOf(0);
  const before = zero === -1 ? bytes : bytes.subarray(0, zero);
  if (isUtf8(before)) return zero === -1 ? bytes.length : zero;
  // Decoding replaces a wrong byte, so the first difference is its position.
  const again = Buffer.from(before.toString('utf8'));
  const length = Math.min(before.length, again.length);
  for (let i = 0; i < length; i++) if (before[i] !== again[i]) return i;
  return length;
}
