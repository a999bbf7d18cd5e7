import { createHash } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { damaged } from './damaged.js';
import type { TokenList } from './tokenizers/tokenizer.js';
import { plural } from '../format.js';

/** A token file as described in the manifest. */
export interface ShardFile {
  file: string;
  tokens: number;
  /** Size of the file, including the header. */
  bytes: number;
  sha256: string;
}

export const mostTokensInShard = 100_000_000;

/** Bytes of the header of llm.c's token files: 256 int32, of which three are used. */
export const headerBytes = 256 * 4;
const magic = 20240520;
const version = 1;

/**
 * Writes tokens to `<side>_<number>.bin`: 256 little-endian int32 (magic 20240520, version 1, token count, zeros), then the
 * tokens as little-endian uint16. Numbers start at 1 for training and at 0 for validation, as other tools expect.
 */
export class ShardWriter {
  readonly files: ShardFile[] = [];
  /** The contents of the current file so far. */
  private bytes = Buffer.alloc(headerBytes + (1 << 17));
  private count = 0;

  constructor(
    private readonly folder: string,
    private readonly side: 'train' | 'val',
    private readonly mostTokens = mostTokensInShard,
  ) {}

  async append(tokens: TokenList): Promise<void> {
    for (let from = 0; from < tokens.length;) {
      const part = tokens.slice(from, from + this.mostTokens - this.count);
      this.reserve(this.count + part.length);
      // A plain copy is correct because every platform of TensorFlow is little-endian.
      new Uint16Array(this.bytes.buffer, this.bytes.byteOffset + headerBytes).set(part, this.count);
      this.count += part.length;
      from += part.length;
      if (this.count === this.mostTokens) await this.flush();
    }
  }

  /** Writes the remaining tokens. The writer must not be used afterwards. */
  async finish(): Promise<ShardFile[]> {
    if (this.count > 0) await this.flush();
    return this.files;
  }

  private reserve(tokens: number): void {
    const needed = headerBytes + tokens * 2;
    if (needed <= this.bytes.length) return;
    const most = headerBytes + this.mostTokens * 2;
    const larger = Buffer.alloc(Math.min(most, Math.max(needed, this.bytes.length * 2)));
    larger.set(this.bytes.subarray(0, headerBytes + this.count * 2));
    this.bytes = larger;
  }

  private async flush(): Promise<void> {
    const number = this.files.length + (this.side === 'train' ? 1 : 0);
    const file = `${this.side}_${String(number).padStart(6, '0')}.bin`;
    const bytes = this.bytes.subarray(0, headerBytes + this.count * 2);
    bytes.writeInt32LE(magic, 0);
    bytes.writeInt32LE(version, 4);
    bytes.writeInt32LE(this.count, 8);
    await writeFile(join(this.folder, file), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.files.push({ file, tokens: this.count, bytes: bytes.length, sha256 });
    this.count = 0;
  }
}

/** Counts of the tokens in shards, to compare with the manifest. */
export interface TokenCounts {
  /** Number of end-of-text tokens. */
  documents: number;
  largest: number;
}

/**
 * Reads shards and compares each with its description.
 * @throws {SoapBenchError} `dataset_damaged` if a file is missing or differs in size, header or checksum.
 */
export async function checkShards(
  folder: string,
  files: readonly ShardFile[],
  endOfText: number,
): Promise<TokenCounts> {
  const counts = { documents: 0, largest: 0 };
  for (const file of files) {
    await checkShard(folder, file, (tokens) => {
      for (const token of tokens) {
        if (token === endOfText) counts.documents += 1;
        if (token > counts.largest) counts.largest = token;
      }
    });
  }
  return counts;
}

async function checkShard(folder: string, expected: ShardFile, visit: (tokens: Uint16Array) => void): Promise<void> {
  const failed = (error: unknown) => {
    throw damaged(folder, `${expected.file} cannot be read`, error);
  };
  const file = await open(join(folder, expected.file)).catch(failed);
  try {
    const { size } = await file.stat().catch(failed);
    if (size !== expected.bytes || size !== headerBytes + expected.tokens * 2) {
      const facts = `${plural(expected.bytes, 'byte')} and ${plural(expected.tokens, 'token')}`;
      throw damaged(folder, `${expected.file} has ${plural(size, 'byte')}, but its manifest says ${facts}`);
    }
    const hash = createHash('sha256');
    // The header's length is a multiple of a token's, so blocks never end inside a token.
    const buffer = Buffer.alloc(headerBytes * 1024);
    for (let at = 0; at < size;) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - at), at).catch(failed);
      if (bytesRead % 2 === 1 || bytesRead === 0) throw damaged(folder, `${expected.file} became shorter`);
      const bytes = buffer.subarray(0, bytesRead);
      const skip = at === 0 ? headerBytes : 0;
      if (at === 0) checkHeader(folder, expected, bytes);
      hash.update(bytes);
      visit(new Uint16Array(bytes.buffer, bytes.byteOffset + skip, (bytesRead - skip) / 2));
      at += bytesRead;
    }
    const found = hash.digest('hex');
    if (found !== expected.sha256) {
      throw damaged(folder, `${expected.file} has sha256 ${found}, but its manifest says ${expected.sha256}`);
    }
  } finally {
    await file.close();
  }
}

function checkHeader(folder: string, expected: ShardFile, bytes: Buffer): void {
  const header = [bytes.readInt32LE(0), bytes.readInt32LE(4), bytes.readInt32LE(8)];
  const expectedHeader = [magic, version, expected.tokens];
  if (header.join() === expectedHeader.join()) return;
  throw damaged(
    folder,
    `${expected.file} begins with ${header.join(', ')} (magic, version, tokens) instead of ${expectedHeader.join(', ')}`,
  );
}
