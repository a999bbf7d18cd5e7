import { closeSync, openSync, readSync } from 'node:fs';
import { messageOf } from '../errors.js';
import { damaged } from './damaged.js';

const blockBytes = 2 ** 20;

/**
 * Reads a file block by block. A block is valid until the next one is requested.
 * @throws {SoapBenchError} with the system's reason if the file cannot be read.
 */
export function* fileBlocks(path: string, bytes = Infinity): Generator<Buffer> {
  const buffer = Buffer.alloc(blockBytes);
  const file = tried(path, () => openSync(path, 'r'));
  try {
    for (let left = bytes; left > 0;) {
      const most = Math.min(buffer.length, left);
      const length = tried(path, () => readSync(file, buffer, 0, most, null));
      if (length === 0) return;
      yield buffer.subarray(0, length);
      left -= length;
    }
  } finally {
    closeSync(file);
  }
}

function tried<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw damaged(path, messageOf(error), error);
  }
}

/** Concatenates the blocks as text. */
export function textOf(blocks: Iterable<Buffer>): string {
  return Buffer.concat([...blocks].map((block) => Buffer.from(block))).toString();
}

/** Iterates over the complete lines in blocks of text. An end without a line feed is skipped. */
export function* wholeLines(blocks: Iterable<Buffer>): Generator<string> {
  let rest = Buffer.alloc(0);
  for (const block of blocks) {
    const end = block.lastIndexOf('\n') + 1;
    // Lines are split before decoding, so that no character is.
    if (end > 0) {
      const lines = Buffer.concat([rest, block.subarray(0, end)])
        .toString()
        .split('\n');
      lines.pop();
      yield* lines;
    }
    rest = Buffer.concat([end > 0 ? Buffer.alloc(0) : rest, block.subarray(end)]);
  }
}
