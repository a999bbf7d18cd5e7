import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { engineNames, type Shape } from '../engine/engine.js';
import { readSafetensors, writeSafetensors, type SafeTensor } from '../train/safetensors.js';
import { syncFolder, writeFileSynced } from '../files/atomic-file.js';
import { sha256, sha256OfFile, sumsFile, sumsText } from './sums.js';

const count = z.int().min(0);

const recordSchema = z.strictObject({
  format: z.literal(1),
  /** Updates made; the next one is that of step + 1. */
  step: count,
  /** Where the data stand: tokens trained on, and microbatches drawn of them. */
  tokens: count,
  microbatches: count,
  train_time_s: z.number(),
  eval_time_s: z.number(),
  refresh_failures: z.strictObject({ total: count, in_a_row: count, last_step: count }),
  /** How training ended; left out while there is more to do. */
  outcome: z
    .strictObject({ state: z.enum(['finished', 'stopped_at_target']), step: count, message: z.string().optional() })
    .optional(),
  /** Length of the run's CSV files, which hold the rows up to this step. */
  metrics_bytes: count,
  eval_bytes: count,
  /** SHA-256 of these bytes; checkpoints of earlier versions have none. */
  metrics_sha256: z.string().optional(),
  eval_sha256: z.string().optional(),
  soap_bench: z.string(),
  engine: z.strictObject({
    name: z.enum(engineNames),
    version: z.string(),
    device: z.string(),
    threads: count,
    compiled: z.boolean(),
    xla: z.boolean(),
  }),
  /** Fingerprint of the prepared tokens. */
  dataset: z.string(),
  /** The run's configuration: going on with another one is refused. */
  config: z.record(z.string(), z.unknown()),
});

/** checkpoint.json: where a run stood, and what it was computed with. */
export type CheckpointRecord = z.infer<typeof recordSchema>;

/** Shapes of a run's weights and of its optimizer's state, and where to get the values. */
export interface CheckpointTensors {
  readonly weights: Readonly<Record<string, Shape>>;
  readonly state: Readonly<Record<string, Shape>>;
  weight(name: string): Promise<Float32Array>;
  optimizerState(name: string): Promise<Float32Array>;
}

/** A checkpoint whose files are as they were written. */
export interface Checkpoint {
  readonly record: CheckpointRecord;
  weights(): Iterable<[string, SafeTensor]>;
  optimizerState(): Iterable<[string, SafeTensor]>;
}

const files = { weights: 'model.safetensors', state: 'optimizer.safetensors', record: 'checkpoint.json' } as const;

/** Writes the files of a checkpoint into a new folder, and waits until the disk has them. */
export async function writeCheckpoint(
  folder: string,
  record: CheckpointRecord,
  tensors: CheckpointTensors,
): Promise<void> {
  await mkdir(folder);
  const json = JSON.stringify(record, null, 2) + '\n';
  writeFileSynced(join(folder, files.record), json);
  const sums = {
    [files.weights]: await writeSafetensors(join(folder, files.weights), tensors.weights, (name) =>
      tensors.weight(name),
    ),
    [files.state]: await writeSafetensors(join(folder, files.state), tensors.state, (name) =>
      tensors.optimizerState(name),
    ),
    [files.record]: sha256(json),
  };
  writeFileSynced(join(folder, sumsFile), sumsText(sums));
  syncFolder(folder);
}

/**
 * Reads a checkpoint after checking every byte of it.
 * @throws Error saying what is missing, cut or changed.
 */
export function readCheckpoint(folder: string): Checkpoint {
  const sums: Record<string, string> = {};
  for (const file of Object.values(files).filter((name) => name !== files.record)) {
    sums[file] = sha256OfFile(join(folder, file));
  }
  const json = readFileSync(join(folder, files.record), 'utf8');
  sums[files.record] = sha256(json);
  const expected = new Set(readFileSync(join(folder, sumsFile), 'utf8').split('\n'));
  const changed = Object.entries(sums).filter(([file, sum]) => !expected.has(`${sum}  ${file}`));
  if (changed.length > 0)
    throw new Error(`${changed.map(([file]) => file).join(', ')}: not the bytes that were written`);
  return {
    record: recordSchema.parse(JSON.parse(json)),
    weights: () => readSafetensors(join(folder, files.weights)),
    optimizerState: () => readSafetensors(join(folder, files.state)),
  };
}
