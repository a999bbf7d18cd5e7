import { closeSync, openSync, readSync } from 'node:fs';
import { messageOf } from '../errors.js';
import { damaged } from './damaged.js';

const blockBytes = 2 ** 20;

/**
 * The bytes of a file from its beginning on, block by block. A block holds until the next one is asked for.
 * @throws {SoapBenchError} When it cannot be read, with what the system says.
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

/** All of it as text. */
export function textOf(blocks: Iterable<Buffer>): string {
  return Buffer.concat([...blocks].map((block) => Buffer.from(block))).toString();
}

/** The whole lines in blocks of text; an end without a line feed is left out. */
export function* wholeLines(blocks: Iterable<Buffer>): Generator<string> {
  let rest = Buffer.alloc(0);
  for (const block of blocks) {
    const end = block.lastIndexOf('\n') + 1;
    // Lines are cut before they become text, so that no letter is.
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
