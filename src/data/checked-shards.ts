import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { fileState, Remembered, type FileState } from './remembered.js';
import { checkShards, type ShardFile, type TokenCounts } from './shards.js';

/** Token counts of shards that matched their manifest. */
const checkedShards = new Remembered(
  '.checked-shards',
  z.strictObject({ documents: z.number(), largest: z.number() }) satisfies z.ZodType<TokenCounts>,
);

/**
 * Compares shards with their description. Shards that matched before and have not changed are not read again, so this does
 * not notice a disk that returns other bytes for an unchanged file.
 * @param anew Reads all shards again.
 * @throws {SoapBenchError} As `checkShards` does.
 */
export async function checkShardsOnce(
  folder: string,
  files: readonly ShardFile[],
  endOfText: number,
  anew: boolean,
): Promise<TokenCounts> {
  const root = dirname(folder);
  const before = await statesOf(folder, files);
  const key = (states: readonly FileState[]) => [endOfText, files, states.map(({ state }) => state)];
  const known = anew || before === undefined ? undefined : await checkedShards.recall(root, key(before));
  if (known !== undefined) return known;
  const counts = await checkShards(folder, files, endOfText);
  const after = await statesOf(folder, files);
  const isSame = before !== undefined && after?.every(({ state }, i) => state === before[i]!.state) === true;
  if (isSame) await checkedShards.remember(root, key(after), after, counts);
  return counts;
}

/** Returns the states of the files, or undefined if one is missing. */
async function statesOf(folder: string, files: readonly ShardFile[]): Promise<FileState[] | undefined> {
  try {
    return await Promise.all(
      files.map(async ({ file }) => fileState(await stat(join(folder, file), { bigint: true }))),
    );
  } catch {
    return undefined;
  }
}
