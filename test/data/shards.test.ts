import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, expect } from 'vitest';
import { checkShards, ShardWriter, type ShardFile } from '../../src/data/shards.js';
import { blocksOf, ShardTokens } from '../../src/data/tokens.js';
import { failureOf, folderWith } from './helpers.js';

async function written(tokens: number[], mostTokens?: number) {
  const folder = folderWith();
  const writer = new ShardWriter(folder, 'train', mostTokens);
  await writer.append(tokens);
  return { folder, files: await writer.finish() };
}

function tokensIn(folder: string, files: ShardFile[]): number[] {
  const tokens = new ShardTokens(folder, files);
  return [...tokens.subarray(0, tokens.length)];
}

function flipByte(path: string, position: number): void {
  const bytes = readFileSync(path);
  bytes[position]! ^= 1;
  writeFileSync(path, bytes);
}

describe('ShardWriter', () => {
  it('writes the header and tokens of llm.c, byte for byte', async () => {
    // 20240520 is 0x0134d888.
    const { folder, files } = await written([1, 256, 65535]);
    const bytes = readFileSync(join(folder, 'train_000001.bin'));
    expect(bytes.length).toBe(1024 + 6);
    expect([...bytes.subarray(0, 12)]).toEqual([0x88, 0xd8, 0x34, 0x01, 1, 0, 0, 0, 3, 0, 0, 0]);
    expect(bytes.subarray(12, 1024).every((byte) => byte === 0)).toBe(true);
    expect([...bytes.subarray(1024)]).toEqual([1, 0, 0, 1, 255, 255]);
    expect(files).toMatchObject([{ file: 'train_000001.bin', tokens: 3, bytes: 1030 }]);
  });

  it('begins a new file when one is full, and numbers validation files from 0', async () => {
    const folder = folderWith();
    const writer = new ShardWriter(folder, 'val', 4);
    for (const tokens of [[1, 2, 3], [4, 5], [], [6, 7, 8, 9, 10, 11, 12, 13]]) await writer.append(tokens);
    const files = await writer.finish();
    expect(files.map(({ file, tokens }) => [file, tokens])).toEqual([
      ['val_000000.bin', 4],
      ['val_000001.bin', 4],
      ['val_000002.bin', 4],
      ['val_000003.bin', 1],
    ]);
    expect(tokensIn(folder, files)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  });

  it('writes no empty file after one that is exactly full', async () => {
    const { files } = await written([1, 2, 3, 4], 2);
    expect(files).toHaveLength(2);
  });

  it('keeps tokens while it grows', async () => {
    const tokens = Array.from({ length: 200_000 }, (_, i) => i % 50257);
    const { folder, files } = await written(tokens);
    expect(tokensIn(folder, files)).toEqual(tokens);
  });
});

describe('ShardTokens', () => {
  it('reads any part across files, and again after it was closed', async () => {
    const all = Array.from({ length: 23 }, (_, i) => i * 7);
    const { folder, files } = await written(all, 5);
    const tokens = new ShardTokens(folder, files);
    expect(tokens.length).toBe(23);
    for (let start = 0; start <= 23; start++) {
      for (let end = start; end <= 23; end++) expect([...tokens.subarray(start, end)]).toEqual(all.slice(start, end));
    }
    tokens.close();
    expect([...blocksOf(tokens, 4)].flatMap((block) => [...block])).toEqual(all);
  });

  it('names a file that is gone or has become shorter', async () => {
    const { folder, files } = await written([1, 2, 3]);
    truncateSync(join(folder, 'train_000001.bin'), 1028);
    expect((await failureOf(() => new ShardTokens(folder, files).subarray(0, 3))).message).toContain(
      'train_000001.bin',
    );
    rmSync(join(folder, 'train_000001.bin'));
    expect((await failureOf(() => new ShardTokens(folder, files).subarray(0, 3))).code).toBe('dataset_damaged');
  });
});

describe('checkShards', () => {
  const faults: [string, (path: string) => void, string][] = [
    [
      'a flipped bit in a token',
      (path) => {
        flipByte(path, 1025);
      },
      'has sha256',
    ],
    [
      'a flipped bit in the unused header',
      (path) => {
        flipByte(path, 500);
      },
      'has sha256',
    ],
    [
      'another magic number',
      (path) => {
        flipByte(path, 0);
      },
      '20240521, 1, 3 (magic, version, tokens)',
    ],
    [
      'another token count',
      (path) => {
        flipByte(path, 8);
      },
      'instead of 20240520, 1, 3',
    ],
    [
      'a cut file',
      (path) => {
        truncateSync(path, 1028);
      },
      'has 1,028 bytes, but its manifest says 1,030',
    ],
    [
      'an empty file',
      (path) => {
        truncateSync(path, 0);
      },
      'has 0 bytes',
    ],
    [
      'a missing file',
      (path) => {
        rmSync(path);
      },
      'cannot be read',
    ],
  ];

  it('counts ends of text, and finds the largest token', async () => {
    const { folder, files } = await written([1, 9, 4, 9, 2, 9], 4);
    expect(await checkShards(folder, files, 9)).toEqual({ documents: 3, largest: 9 });
  });

  it.each(faults)('detects %s', async (_, damage, message) => {
    const { folder, files } = await written([1, 2, 3]);
    damage(join(folder, 'train_000001.bin'));
    const error = await failureOf(() => checkShards(folder, files, 0));
    expect(error).toMatchObject({ code: 'dataset_damaged', exitCode: 6 });
    expect(error.message).toContain(folder);
    expect(error.message).toContain('train_000001.bin');
    expect(error.message).toContain(message);
    expect(error.hint).toContain('--force');
  });
});
