import { z } from 'zod';
import { SoapBenchError, messageOf } from '../errors.js';

/** Tensors of a safetensors file, float32, row-major. */
export type SafeTensors = Record<string, { shape: number[]; values: Float32Array }>;

const entry = z.object({
  dtype: z.literal('F32'),
  shape: z.array(z.number().int().nonnegative()),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});

/**
 * Reads a safetensors file: the length of the header in 8 bytes, the header in JSON, then little-endian values.
 * @throws SoapBenchError `file_invalid` when the header, a type other than float32, or the length does not fit.
 */
export function parseSafetensors(bytes: Uint8Array, file: string): SafeTensors {
  const invalid = (what: string, cause?: unknown) =>
    new SoapBenchError('file_invalid', `${file} is not a float32 safetensors file: ${what}`, { cause });
  if (bytes.length < 8) throw invalid('it is shorter than its first field');
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  const start = 8 + headerLength;
  if (start > bytes.length) throw invalid('it ends inside its header');

  const tensors: SafeTensors = {};
  for (const [name, value] of Object.entries(headerOf(bytes.subarray(8, start), invalid))) {
    if (name === '__metadata__') continue;
    const { success, data: found, error } = entry.safeParse(value);
    if (!success) throw invalid(`${name}: ${z.prettifyError(error)}`, error);
    const { shape, data_offsets: offsets } = found;
    const data = new Uint8Array(bytes.subarray(start + offsets[0], start + offsets[1])); // a copy, aligned
    if (data.length !== 4 * shape.reduce((a, b) => a * b, 1)) throw invalid(`${name} is cut short`);
    tensors[name] = { shape, values: new Float32Array(data.buffer) };
  }
  return tensors;
}

function headerOf(bytes: Uint8Array, invalid: (what: string, cause: unknown) => SoapBenchError) {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw invalid(`its header is not a JSON mapping: ${reason}`, error);
  }
}
