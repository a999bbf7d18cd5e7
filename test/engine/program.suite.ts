import { add, memory, mul, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Engine, Signature, StepFunction } from '../../src/engine/engine.js';

const signature: Signature = {
  rate: { shape: [], dtype: 'float32' },
  ids: { shape: [2], dtype: 'int32' },
};

/** Adds rate · ids to x, leaves y alone, and reports the old x. */
const step: StepFunction = ({ x }, { rate, ids }) => ({
  state: { x: add(x!, mul(rate!, ids!)) },
  outputs: { old: x!.clone() },
});

export function programSuite(engine: Engine): void {
  describe('a program', () => {
    const open = () => engine.open({ x: [2], y: [1, 3] });
    const inputs = { rate: 0.5, ids: Int32Array.of(2, 4) };

    it('starts at zero, and steps change the state in place', async () => {
      const program = open();
      expect(await program.read('y')).toEqual(new Float32Array(3));
      program.write('y', Float32Array.of(1, 2, 3));
      const run = await program.compile(step, signature);
      expect(await run(inputs)).toEqual({ old: Float32Array.of(0, 0) });
      expect(await run({ ...inputs, rate: 1 })).toEqual({ old: Float32Array.of(1, 2) });
      expect(await program.read('x')).toEqual(Float32Array.of(3, 6));
      expect(await program.read('y')).toEqual(Float32Array.of(1, 2, 3));
      program.dispose();
    });

    it('hands out copies', async () => {
      const program = open();
      (await program.read('x')).fill(9);
      expect(await program.read('x')).toEqual(new Float32Array(2));
      program.dispose();
    });

    it('keeps a state that a step hands back as it is', async () => {
      const program = open();
      const unchanged: StepFunction = ({ x }) => ({ state: { x: x! }, outputs: {} });
      await (
        await program.compile(unchanged, {})
      )({});
      expect(await program.read('x')).toEqual(new Float32Array(2));
      program.dispose();
    });

    it('frees everything', async () => {
      const before = memory().numTensors;
      const program = open();
      const run = await program.compile(step, signature);
      await run(inputs);
      // A compiled program's state is in its session.
      expect(memory().numTensors).toBe(engine.compiled ? before : before + 2);
      program.dispose();
      expect(memory().numTensors).toBe(before);
    });

    it('frees what a failing step made, and stays usable', async () => {
      const program = open();
      const before = memory().numTensors;
      const failing: StepFunction = () => {
        const made: Tensor = zeros([3]);
        throw new Error(`after ${made.size}`);
      };
      await expect(program.compile(failing, {}).then((run) => run({}))).rejects.toThrow('after 3');
      expect(memory().numTensors).toBe(before);
      expect(await program.read('x')).toEqual(new Float32Array(2));
      program.dispose();
    });

    it('refuses names and lengths that do not fit', async () => {
      const program = open();
      expect(() => {
        program.write('x', new Float32Array(3));
      }).toThrow('x holds 2 numbers, 3 were given');
      expect(() => {
        program.write('z', new Float32Array(3));
      }).toThrow('no state named z');
      await expect(program.read('z')).rejects.toThrow('no state named z');
      const run = await program.compile(step, signature);
      await expect(run({ rate: 1 })).rejects.toThrow('input ids is missing');
      program.dispose();
    });
  });

  it('the engine says what it is', () => {
    expect(engine.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(engine.device).not.toBe('');
    expect(engine.threads).toBeGreaterThan(0);
  });
}
