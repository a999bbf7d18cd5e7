import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { sizeOf, type Shape } from '../engine/engine.js';
import { SoapBenchError, messageOf } from '../errors.js';

/** A tensor of a safetensors file, float32, row-major. */
export interface SafeTensor {
  shape: number[];
  values: Float32Array;
}
export type SafeTensors = Record<string, SafeTensor>;

const entry = z.object({
  dtype: z.literal('F32'),
  shape: z.array(z.number().int().nonnegative()),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});

/** A source of bytes. `read` returns fewer than requested at the end. */
interface Source {
  readonly name: string;
  readonly length: number;
  read(start: number, end: number): Uint8Array;
}

/** Bytes per read or write: systems limit one call to two gigabytes. */
const chunk = 2 ** 30;

/**
 * Parses a safetensors file in memory: 8 bytes with the length of the header, the header as JSON, then little-endian values.
 * @throws SoapBenchError `file_invalid` if the header or the length is wrong, or a type is not float32.
 */
export function parseSafetensors(bytes: Uint8Array, file: string): SafeTensors {
  const read = (start: number, end: number) => new Uint8Array(bytes.subarray(start, end)); // a copy, aligned
  return Object.fromEntries(tensorsOf({ name: file, length: bytes.length, read }));
}

/**
 * Reads a safetensors file one tensor at a time, to save memory.
 * @throws SoapBenchError `file_invalid`, as above.
 */
export function* readSafetensors(path: string): Generator<[string, SafeTensor]> {
  const file = openSync(path, 'r');
  try {
    const read = (start: number, end: number) => {
      const bytes = new Uint8Array(end - start);
      let done = 0;
      for (let count = 1; count > 0; done += count) {
        count = readSync(file, bytes, done, Math.min(chunk, bytes.length - done), start + done);
      }
      return bytes.subarray(0, done);
    };
    yield* tensorsOf({ name: path, length: fstatSync(file).size, read });
  } finally {
    closeSync(file);
  }
}

/**
 * Writes a safetensors file one tensor at a time and flushes it to disk.
 * @param read Returns a tensor's values when they are needed.
 * @returns The SHA-256 digest of the file.
 */
export async function writeSafetensors(
  path: string,
  shapes: Readonly<Record<string, Shape>>,
  read: (name: string) => Promise<Float32Array>,
): Promise<string> {
  const digest = createHash('sha256');
  const file = openSync(path, 'w');
  try {
    const write = (bytes: Uint8Array) => {
      digest.update(bytes);
      for (let done = 0; done < bytes.length;) {
        done += writeSync(file, bytes, done, Math.min(chunk, bytes.length - done));
      }
    };
    write(headerFor(shapes));
    for (const [name, shape] of Object.entries(shapes)) {
      const values = await read(name);
      if (values.length !== sizeOf(shape))
        throw new Error(`${name} holds ${sizeOf(shape)} numbers, not ${values.length}`);
      write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return digest.digest('hex');
}

function headerFor(shapes: Readonly<Record<string, Shape>>): Uint8Array {
  let end = 0;
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const start = end;
    end += 4 * sizeOf(shape);
    return [name, { dtype: 'F32', shape, data_offsets: [start, end] }] as const;
  });
  const text = JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) });
  // Values start at a multiple of eight bytes, for readers that map the file.
  const header = Buffer.from(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header]);
}

function* tensorsOf(source: Source): Generator<[string, SafeTensor]> {
  const invalid = (what: string, cause?: unknown) =>
    new SoapBenchError('file_invalid', `${source.name} is not a float32 safetensors file: ${what}`, { cause });
  if (source.length < 8) throw invalid('it is shorter than its first field');
  const start = 8 + Number(new DataView(source.read(0, 8).buffer).getBigUint64(0, true));
  if (start > source.length) throw invalid('it ends inside its header');

  for (const [name, value] of Object.entries(headerOf(source.read(8, start), invalid))) {
    if (name === '__metadata__') continue;
    const { success, data: found, error } = entry.safeParse(value);
    if (!success) throw invalid(`${name}: ${z.prettifyError(error)}`, error);
    const { shape, data_offsets: offsets } = found;
    const bytes = 4 * sizeOf(shape);
    if (offsets[1] - offsets[0] !== bytes || start + offsets[1] > source.length) throw invalid(`${name} is cut short`);
    const data = source.read(start + offsets[0], start + offsets[1]);
    yield [name, { shape, values: new Float32Array(data.buffer, data.byteOffset, data.length / 4) }];
  }
}

function headerOf(bytes: Uint8Array, invalid: (what: string, cause: unknown) => SoapBenchError) {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw invalid(`its header is not a JSON mapping: ${reason}`, error);
  }
}
