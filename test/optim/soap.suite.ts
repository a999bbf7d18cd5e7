import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import type { ParameterInfo } from '../../src/optim/optimizer.js';
import { createOptimizer } from '../../src/optim/registry.js';
import { expectAllClose, expectDifferent } from '../support/allclose.js';
import { matrixInfo, OptimizerRun, vectorInfo } from '../support/optimizer-run.js';
import { normals } from '../support/random.js';
import { Soap64, type Side64 } from '../support/soap-float64.js';

const lr = 0.01;

export function soapSuite(engine: Engine): void {
  const open = (parameter: ParameterInfo, options: object, weights = initial(parameter)) =>
    new OptimizerRun(engine, createOptimizer('soap', { lr, ...options }, [parameter]), [parameter], {
      [parameter.name]: weights,
    });

  describe('SOAP against float64', () => {
    const vector = vectorInfo(4);
    const square = matrixInfo(4, 4);
    const embedding: ParameterInfo = { name: 'embed', shape: [5, 4], role: 'embedding' };
    const cases: [string, ParameterInfo, Record<string, unknown>, string[]][] = [
      ['both sides', square, {}, ['L', 'R']],
      ['a vector, not rotated', vector, {}, []],
      ['a vector with precondition_1d', vector, { precondition_1d: true }, ['L']],
      ['shampoo_beta', square, { shampoo_beta: 0.7 }, ['L', 'R']],
      ['betas', square, { betas: [0.8, 0.99] }, ['L', 'R']],
      ['a large eps', square, { eps: 0.3 }, ['L', 'R']],
      ['weight_decay', square, { weight_decay: 2 }, ['L', 'R']],
      ['no bias correction', square, { correct_bias: false }, ['L', 'R']],
      ['normalize_grads', square, { normalize_grads: true }, ['L', 'R']],
      ['a side longer than max_precond_dim', matrixInfo(5, 4), { max_precond_dim: 4 }, ['R']],
      ['an embedding', embedding, {}, ['R']],
      ['an embedding with precondition_vocab', embedding, { precondition_vocab: true }, ['L', 'R']],
      ['merge_dims: one side of m·n', matrixInfo(2, 3), { merge_dims: true }, ['L']],
      ['merge_dims where m·n is too long', matrixInfo(3, 3), { merge_dims: true, max_precond_dim: 8 }, ['L', 'R']],
      ['merge_dims leaving an embedding alone', embedding, { merge_dims: true }, ['R']],
    ];
    it.each(cases)('%s', async (name, parameter, changes, factors) => {
      // The basis is first refreshed when the factors have full rank: before, QR would orthogonalise rounding errors.
      const options = {
        betas: [0.95, 0.95] as [number, number],
        eps: 1e-8,
        weight_decay: 0.01,
        precondition_frequency: 8,
        normalize_grads: false,
        correct_bias: true,
        shampoo_beta: null as number | null,
        ...changes,
      };
      const run = open(parameter, options);
      await run.call({ [parameter.name]: gradient(parameter, 1) }, lr);
      expect(await run.read(parameter.name)).toEqual(initial(parameter));

      const merged = name.startsWith('merge_dims: one side');
      const [rows, columns] = merged ? [6, 1] : [parameter.shape[0]!, parameter.shape[1] ?? 1];
      const asMatrix = (values: Float32Array) => Matrix.from1DArray(rows, columns, values);
      const side = async (letter: 'L' | 'R', size: number): Promise<Side64> => {
        if (!factors.includes(letter)) return undefined;
        const read = async (slot: string) =>
          Matrix.from1DArray(size, size, await run.read(`${parameter.name}/${slot}`));
        return { factor: await read(letter), basis: await read(`Q${letter}`) };
      };
      const kept = Object.keys(run.optimizer.stateShapes).map((slot) => slot.split('/')[1]!);
      expect(kept.sort()).toEqual([...factors, ...factors.map((letter) => `Q${letter}`), 'm', 'v'].sort());

      const reference = new Soap64(asMatrix(initial(parameter)), await side('L', rows), await side('R', columns), {
        betas: options.betas,
        shampooBeta: options.shampoo_beta ?? options.betas[1],
        eps: options.eps,
        weightDecay: options.weight_decay,
        frequency: options.precondition_frequency,
        normalizeGrads: options.normalize_grads,
        correctBias: options.correct_bias,
      });
      for (let call = 2; call <= 27; call++) {
        const values = gradient(parameter, call);
        const rate = lr * (1 + call / 10);
        await run.call({ [parameter.name]: values }, rate);
        reference.call(asMatrix(values), rate);
        expectAllClose(await run.read(parameter.name), reference.W.to1DArray(), 5e-5);
      }
      run.dispose();
    });
  });

  describe('SOAP', () => {
    const parameter = matrixInfo(4, 4);

    it('refreshes its bases at calls f + 1, 2 f + 1, … and nowhere else, and keeps them orthonormal', async () => {
      const run = open(parameter, { precondition_frequency: 3 });
      const changed: number[] = [];
      let before = await run.read('W/QL');
      for (let call = 1; call <= 11; call++) {
        await run.call({ W: gradient(parameter, call) }, lr);
        const after = await run.read('W/QL');
        if (before.some((value, i) => value !== after[i])) changed.push(call);
        before = after;
        for (const slot of ['W/QL', 'W/QR']) {
          const Q = Matrix.from1DArray(4, 4, await run.read(slot));
          expectAllClose(Q.transpose().mmul(Q).to1DArray(), Matrix.eye(4).to1DArray(), 1e-5);
        }
      }
      expect(changed).toEqual([1, 4, 7, 10]);
      run.dispose();
    });

    it('does not care for the signs of the bases’ columns', async () => {
      const plain = open(parameter, { precondition_frequency: 4 });
      const flipped = open(parameter, { precondition_frequency: 4 });
      const signs = [1, -1, -1, 1];
      for (let call = 1; call <= 14; call++) {
        if (call === 7) {
          // Columns of QL are rows of M, columns of QR are columns of M.
          for (const [slot, sign] of [
            ['QL', (_row: number, column: number) => signs[column]!],
            ['m', (row: number, column: number) => signs[row]! * signs[3 - column]!],
            ['QR', (_row: number, column: number) => signs[3 - column]!],
          ] as const) {
            const values = await flipped.read(`W/${slot}`);
            flipped.write({ [`W/${slot}`]: values.map((value, i) => value * sign(Math.floor(i / 4), i % 4)) });
          }
        }
        for (const run of [plain, flipped]) await run.call({ W: gradient(parameter, call) }, lr);
        expectAllClose(await flipped.read('W'), await plain.read('W'), 1e-6);
      }
      plain.dispose();
      flipped.dispose();
    });

    it('is, with no side rotated, Adam with ε on the uncorrected root and decay after the step, one call late', async () => {
      const [b1, b2, eps, decay] = [0.9, 0.95, 0.2, 0.5];
      const run = open(parameter, { betas: [b1, b2], eps, weight_decay: decay, max_precond_dim: 0 });
      let W = Array.from(initial(parameter));
      const m = W.map(() => 0);
      const v = W.map(() => 0);
      await run.call({ W: gradient(parameter, 1) }, lr);
      for (let t = 1; t <= 12; t++) {
        const G = gradient(parameter, t + 1);
        await run.call({ W: G }, lr);
        W = W.map((w, i) => {
          m[i] = b1 * m[i]! + (1 - b1) * G[i]!;
          v[i] = b2 * v[i]! + (1 - b2) * G[i]! ** 2;
          const step = ((lr * Math.sqrt(1 - b2 ** t)) / (1 - b1 ** t)) * (m[i] / (Math.sqrt(v[i]) + eps));
          return (w - step) * (1 - lr * decay);
        });
        expectAllClose(await run.read('W'), W, 1e-6);
      }
      run.dispose();
    });

    it('makes, with normalize_grads, updates whose root mean square is the learning rate', async () => {
      const options = { normalize_grads: true, correct_bias: false, weight_decay: 0 };
      const run = open(parameter, options);
      expect((await run.call({ W: gradient(parameter, 1) }, lr)).updateNorm).toBe(0);
      for (let call = 2; call <= 6; call++) {
        const { updateNorm } = await run.call({ W: gradient(parameter, call) }, lr);
        expect(updateNorm / 4).toBeCloseTo(lr, 6); // 4 = √16 elements
      }
      run.dispose();
    });

    it('takes another way with the basis than without', async () => {
      const rotated = open(parameter, {});
      const plain = open(parameter, { max_precond_dim: 0 });
      for (let call = 1; call <= 5; call++) {
        for (const run of [rotated, plain]) await run.call({ W: gradient(parameter, call) }, lr);
      }
      expectDifferent(await rotated.read('W'), await plain.read('W'), 1e-3);
      rotated.dispose();
      plain.dispose();
    });
  });
}

function initial({ shape }: ParameterInfo): Float32Array {
  return normals(
    'initial',
    shape.reduce((a, b) => a * b, 1),
  );
}

/** Correlated gradients, so that the eigenbasis is not the one we start with. */
function gradient({ shape }: ParameterInfo, call: number): Float32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  const noise = normals(`gradient ${call}`, size);
  const common = normals('common', size);
  return noise.map((value, i) => 0.6 * value + common[i]! * noise[0]!);
}
