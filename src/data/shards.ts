import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { damaged } from './damaged.js';

/** One file of tokens as the manifest describes it. */
export interface ShardFile {
  file: string;
  tokens: number;
  /** Size of the file, header included. */
  bytes: number;
  sha256: string;
}

export const mostTokensInShard = 100_000_000;

/** Header of llm.c's token files: 256 int32, of which three are used. */
const headerInts = 256;
const headerBytes = headerInts * 4;
const magic = 20240520;
const version = 1;

/**
 * Collects tokens and writes them as `<side>_<number>.bin`: 256 little-endian int32 (magic 20240520, version 1, token
 * count, zeros), then the tokens as little-endian uint16. Numbers begin at 1 for training and at 0 for validation, as
 * other tools expect.
 */
export class ShardWriter {
  readonly files: ShardFile[] = [];
  private pending = new Uint16Array(1 << 16);
  private count = 0;

  constructor(
    private readonly folder: string,
    private readonly side: 'train' | 'val',
    private readonly mostTokens = mostTokensInShard,
  ) {}

  async append(tokens: readonly number[]): Promise<void> {
    for (let from = 0; from < tokens.length;) {
      const part = tokens.slice(from, from + this.mostTokens - this.count);
      this.reserve(this.count + part.length);
      this.pending.set(part, this.count);
      this.count += part.length;
      from += part.length;
      if (this.count === this.mostTokens) await this.flush();
    }
  }

  /** Writes what is left; the writer is not used afterwards. */
  async finish(): Promise<ShardFile[]> {
    if (this.count > 0) await this.flush();
    return this.files;
  }

  private reserve(length: number): void {
    if (length <= this.pending.length) return;
    const larger = new Uint16Array(Math.min(this.mostTokens, Math.max(length, this.pending.length * 2)));
    larger.set(this.pending.subarray(0, this.count));
    this.pending = larger;
  }

  private async flush(): Promise<void> {
    const number = this.files.length + (this.side === 'train' ? 1 : 0);
    const file = `${this.side}_${String(number).padStart(6, '0')}.bin`;
    const bytes = encodeShard(this.pending.subarray(0, this.count));
    await writeFile(join(this.folder, file), bytes);
    this.files.push({ file, tokens: this.count, bytes: bytes.length, sha256: sha256(bytes) });
    this.count = 0;
  }
}

function encodeShard(tokens: Uint16Array): Buffer {
  const bytes = Buffer.alloc(headerBytes + tokens.length * 2);
  bytes.writeInt32LE(magic, 0);
  bytes.writeInt32LE(version, 4);
  bytes.writeInt32LE(tokens.length, 8);
  // Copying memory is right because every platform that TensorFlow runs on is little-endian.
  bytes.set(new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength), headerBytes);
  return bytes;
}

/**
 * All tokens of some shards in order. One shard is not copied: the array is a view of the file's bytes.
 * @throws {SoapBenchError} `dataset_damaged` when a file is missing or differs from its description in size, header or
 * checksum.
 */
export async function readShards(folder: string, files: readonly ShardFile[]): Promise<Uint16Array> {
  const [first] = files;
  if (files.length === 1 && first !== undefined) return readShard(folder, first);
  const all = new Uint16Array(files.reduce((sum, file) => sum + file.tokens, 0));
  let at = 0;
  for (const file of files) {
    all.set(await readShard(folder, file), at);
    at += file.tokens;
  }
  return all;
}

async function readShard(folder: string, expected: ShardFile): Promise<Uint16Array> {
  const path = join(folder, expected.file);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw damaged(folder, `${expected.file} cannot be read`, error);
  });
  if (bytes.length !== expected.bytes) {
    throw damaged(folder, `${expected.file} has ${bytes.length} bytes, but its manifest says ${expected.bytes}`);
  }
  const header = [bytes.readInt32LE(0), bytes.readInt32LE(4), bytes.readInt32LE(8)];
  const expectedHeader = [magic, version, expected.tokens];
  if (header.join() !== expectedHeader.join()) {
    throw damaged(
      folder,
      `${expected.file} begins with ${header.join(', ')} (magic, version, tokens) instead of ${expectedHeader.join(', ')}`,
    );
  }
  const found = sha256(bytes);
  if (found !== expected.sha256) {
    throw damaged(folder, `${expected.file} has sha256 ${found}, but its manifest says ${expected.sha256}`);
  }
  return new Uint16Array(bytes.buffer, bytes.byteOffset + headerBytes, expected.tokens);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
