import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { damaged } from './damaged.js';
import { headerBytes, type ShardFile } from './shards.js';

/** A sequence of token ids from which parts can be read, such as a Uint16Array. */
export interface Tokens {
  readonly length: number;
  /** Returns the ids from `start` up to `end`, both within the length. */
  subarray(start: number, end: number): Uint16Array;
}

/** The concatenated tokens of shards. They stay in their files, so they can be larger than memory. */
export class ShardTokens implements Tokens {
  readonly length: number;
  readonly #opened: (number | undefined)[] = [];

  constructor(
    private readonly folder: string,
    private readonly files: readonly ShardFile[],
  ) {
    this.length = files.reduce((sum, { tokens }) => sum + tokens, 0);
  }

  subarray(start: number, end: number): Uint16Array {
    const result = new Uint16Array(Math.max(0, end - start));
    let begin = 0;
    for (const [i, { tokens }] of this.files.entries()) {
      const [from, to] = [Math.max(start, begin), Math.min(end, begin + tokens)];
      if (from < to) this.#read(i, from - begin, result.subarray(from - start, to - start));
      begin += tokens;
    }
    return result;
  }

  /** Closes the files, which are opened again when needed. */
  close(): void {
    for (const [i, file] of this.#opened.entries()) {
      if (file !== undefined) closeSync(file);
      this.#opened[i] = undefined;
    }
  }

  #read(i: number, first: number, into: Uint16Array): void {
    const { file } = this.files[i]!;
    try {
      this.#opened[i] ??= openSync(join(this.folder, file), 'r');
      const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
      for (let done = 0; done < bytes.length;) {
        const read = readSync(this.#opened[i], bytes, done, bytes.length - done, headerBytes + first * 2 + done);
        if (read === 0) throw new Error('it is shorter than it was');
        done += read;
      }
    } catch (error) {
      throw damaged(this.folder, `${file} cannot be read`, error);
    }
  }
}

/** Iterates over the tokens in blocks. */
export function* blocksOf(tokens: Tokens, size = 1 << 20): Generator<Uint16Array> {
  for (let at = 0; at < tokens.length; at += size) yield tokens.subarray(at, Math.min(at + size, tokens.length));
}
