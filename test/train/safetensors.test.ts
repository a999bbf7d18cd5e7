import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SoapBenchError } from '../../src/errors.js';
import { parseSafetensors, readSafetensors, writeSafetensors } from '../../src/train/safetensors.js';

const golden = await readFile(new URL('../golden/gpt-tiny.initial.safetensors', import.meta.url));

/** A file with this header and these bytes of data. */
function fileOf(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, bytes, data]);
}

const entry = (more: object = {}) => ({ dtype: 'F32', shape: [2], data_offsets: [0, 8], ...more });
const two = new Uint8Array(Float32Array.of(1.5, -2).buffer);

describe('parseSafetensors', () => {
  it('reads the golden weights', () => {
    const tensors = parseSafetensors(golden, 'golden');
    expect(Object.keys(tensors)).toHaveLength(19);
    for (const { shape, values } of Object.values(tensors)) {
      expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
      expect(values.every(Number.isFinite)).toBe(true);
    }
    const { shape, values } = tensors['norm.weight']!;
    expect(shape).toEqual([32]);
    // Norm weights of the golden model are near one.
    expect(values.every((value) => Math.abs(value - 1) < 0.3)).toBe(true);
  });

  it('reads tensors at any offset, in any order, beside metadata', () => {
    const header = {
      __metadata__: { format: 'pt' },
      second: entry({ shape: [1], data_offsets: [4, 8] }),
      first: entry({ shape: [1, 1], data_offsets: [0, 4] }),
      none: entry({ shape: [0], data_offsets: [8, 8] }),
    };
    expect(parseSafetensors(fileOf(header, two), 'x')).toEqual({
      second: { shape: [1], values: Float32Array.of(-2) },
      first: { shape: [1, 1], values: Float32Array.of(1.5) },
      none: { shape: [0], values: new Float32Array() },
    });
  });

  it.each([
    ['no bytes at all', new Uint8Array(), /shorter than its first field/],
    ['a file cut in its header', golden.subarray(0, 100), /ends inside its header/],
    ['a file cut in its data', golden.subarray(0, golden.length - 4), /cut short/],
    ['a header that is not JSON', fileOf('{nonsense'), /JSON/],
    ['a header that is no mapping', fileOf('null'), /header/],
    ['another type', fileOf({ x: entry({ dtype: 'BF16' }) }, two), /x: .*"F32"/s],
    ['a shape that does not fit its data', fileOf({ x: entry({ shape: [3] }) }, two), /x is cut short/],
    ['offsets behind the end', fileOf({ x: entry({ data_offsets: [8, 16] }) }, two), /x is cut short/],
    ['offsets that are not numbers', fileOf({ x: entry({ data_offsets: ['0', 8] }) }, two), /data_offsets/],
    ['no shape', fileOf({ x: { dtype: 'F32', data_offsets: [0, 8] } }, two), /shape/],
  ])('refuses %s', (_name, bytes, message) => {
    let caught: unknown;
    try {
      parseSafetensors(bytes, 'weights.safetensors');
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(SoapBenchError);
    const { code, message: text } = caught as SoapBenchError;
    expect(code).toBe('file_invalid');
    expect(text).toContain('weights.safetensors');
    expect(text).toMatch(message);
  });
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-safetensors-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  /** As test/golden/README.md says, PyTorch has written them. */
  const pytorch = readFileSync(new URL('../golden/pytorch.safetensors', import.meta.url));
  const tensors = {
    'blocks.0.attn.qkv.weight': { shape: [2, 3], values: Float32Array.from([0, 1, 2, 3, 4, 5], (x) => x / 7) },
    'blocks.0.attn.qkv.weight/m': { shape: [2, 2], values: Float32Array.of(Infinity, -0, 1e-45, -1.5) },
    none: { shape: [0], values: new Float32Array() },
    scalar: { shape: [], values: Float32Array.of(3.25) },
  };
  const shapes = Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
  const valuesOf = (name: string) => Promise.resolve(tensors[name as keyof typeof tensors].values);

  it('are written as PyTorch writes them, byte for byte', async () => {
    const path = join(folder, 'ours.safetensors');
    const digest = await writeSafetensors(path, shapes, valuesOf);
    const written = readFileSync(path);
    expect(written.equals(pytorch)).toBe(true);
    expect(digest).toBe(createHash('sha256').update(written).digest('hex'));
  });

  it('are read as PyTorch has written them, tensor by tensor', () => {
    const path = join(folder, 'theirs.safetensors');
    writeFileSync(path, pytorch);
    expect(Object.fromEntries(readSafetensors(path))).toEqual(tensors);
  });

  it('are refused when they are cut', () => {
    const path = join(folder, 'cut.safetensors');
    writeFileSync(path, pytorch.subarray(0, pytorch.length - 1));
    expect(() => [...readSafetensors(path)]).toThrow(/scalar is cut short/);
  });

  it('are not written with values that do not fit their shape', async () => {
    const path = join(folder, 'wrong.safetensors');
    await expect(writeSafetensors(path, { scalar: [2] }, valuesOf)).rejects.toThrow(/scalar holds 2 numbers, not 1/);
  });
});
