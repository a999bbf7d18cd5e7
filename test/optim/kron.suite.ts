import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { createOptimizer } from '../../src/optim/registry.js';
import { expectAllClose } from '../support/allclose.js';
import { KronReference } from '../support/kron-float64.js';
import { matrixInfo, OptimizerRun, vectorInfo } from '../support/optimizer-run.js';
import { normalMatrix, normals, symmetricWith } from '../support/random.js';

const options = {
  lr: 0.01,
  momentum: 0.8,
  preconditioner_lr: 0.3,
  preconditioner_beta: 0.9,
  damping: 0.05,
  max_update_rms: 0.9,
  weight_decay: 0.1,
};

export function kronSuite(engine: Engine): void {
  describe('Kron', () => {
    it.each([
      ['dense factors', 'matrix', 9, [true, true]],
      ['a diagonal first factor', 'head', 9, [false, true]],
      ['a diagonal second factor', 'matrix', 3, [true, false]],
      ['diagonal factors', 'matrix', 2, [false, false]],
    ] as const)('follows its formulas with %s', async (_name, role, maxDim, dense) => {
      const parameters = [{ ...matrixInfo(3, 4), role }];
      const more = { flat_start: 6, precondition_frequency: 3, max_precond_dim: maxDim };
      const optimizer = createOptimizer('kron', { ...options, ...more }, parameters);
      const start = normalMatrix('start', 3, 4);
      const run = new OptimizerRun(engine, optimizer, parameters, { W: start.to1DArray() });
      const reference = new KronReference(start, { ...options, dense });
      for (let call = 1; call <= 14; call++) {
        // The largest eigenvalue stands out, so that two power iterations find it.
        const G = symmetricWith('rows', [4, 0.3, 0.1]).mmul(normalMatrix(`gradient ${call}`, 3, 4));
        await run.step({ W: G.to1DArray() }, options.lr);
        reference.step(G, call <= 6 || call % 3 === 0);
        expectAllClose(await run.read('W'), reference.weight.to1DArray(), 1e-4);
      }
      for (const [i, slot] of ['W/P1', 'W/P2'].entries()) {
        const factor = reference.factors[i]!;
        const expected = dense[i] ? factor.to1DArray() : factor.diagonal();
        expectAllClose(await run.read(slot), expected, 2e-2 * factor.max());
      }
      run.dispose();
    });

    it('whitens gradients of a fixed covariance', async () => {
      const parameters = [matrixInfo(4, 6)];
      const more = { momentum: 0, flat_start: 600, preconditioner_lr: 0.2, damping: 1e-9 };
      const optimizer = createOptimizer('kron', { ...more, lr: 1e-3 }, parameters);
      const run = new OptimizerRun(engine, optimizer, parameters);
      const [A, B] = [symmetricWith('A', [10, 3, 1, 0.3]), symmetricWith('B', [3, 2, 1, 1, 0.5, 0.2])];
      for (let i = 0; i < 400; i++) {
        await run.step(
          {
            W: A.mmul(normalMatrix(`noise ${i}`, 4, 6))
              .mmul(B)
              .to1DArray(),
          },
          1e-3,
        );
      }
      const factor = async (slot: string, size: number) =>
        Matrix.from1DArray(size, size, Array.from(await run.read(slot)));
      const [P1, P2] = [await factor('W/P1', 4), await factor('W/P2', 6)];
      // P₁·A and P₂·B are multiples of the identity, up to the noise of the fit.
      for (const product of [P1.mmul(A), P2.mmul(B)]) {
        const normed = Matrix.div(product, product.trace() / product.rows);
        expect(normed.sub(Matrix.eye(product.rows)).norm('frobenius')).toBeLessThan(0.6);
      }
      run.dispose();
    });

    it('keeps the preconditioner bounded where gradients stay zero', async () => {
      const parameters = [vectorInfo(3)];
      const optimizer = createOptimizer('kron', { damping: 1e-3, preconditioner_lr: 1, flat_start: 1000 }, parameters);
      const run = new OptimizerRun(engine, optimizer, parameters);
      for (let i = 0; i < 60; i++) await run.step({ w: [0, 0, 0] }, 1);
      const P = await run.read('w/P1');
      expect(Math.max(...P)).toBeLessThan(1.5e3);
      expect(Math.min(...P)).toBeGreaterThan(0.5e3);
      run.dispose();
    });

    it('clips its updates', async () => {
      const parameters = [vectorInfo(4)];
      const optimizer = createOptimizer('kron', { max_update_rms: 0.5, weight_decay: 0, momentum: 0 }, parameters);
      const run = new OptimizerRun(engine, optimizer, parameters);
      const { updateNorm } = await run.step({ w: normals('G', 4) }, 0.1);
      expect(updateNorm).toBeCloseTo(0.1 * 0.5 * 2, 6);
      run.dispose();
    });
  });
}
