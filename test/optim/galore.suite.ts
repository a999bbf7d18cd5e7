import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { createOptimizer } from '../../src/optim/registry.js';
import { expectAllClose } from '../support/allclose.js';
import { GaloreReference } from '../support/galore-float64.js';
import { matrixInfo, OptimizerRun } from '../support/optimizer-run.js';
import { normals } from '../support/random.js';

const options = { lr: 0.01, betas: [0.9, 0.99] as const, eps: 1e-8, rank: 2, scale: 0.5, weight_decay: 0.1 };

export function galoreSuite(engine: Engine): void {
  describe('GaLore', () => {
    it.each([
      [4, 7],
      [7, 4],
      [5, 5],
    ])('follows the formulas of its paper on %i×%i', async (rows, columns) => {
      const parameters = [matrixInfo(rows, columns)];
      const optimizer = createOptimizer('galore', { ...options, precondition_frequency: 4 }, parameters);
      const start = normals('start', rows * columns);
      const run = new OptimizerRun(engine, optimizer, parameters, { W: start });
      const matrix = (values: ArrayLike<number>, width = columns) =>
        Matrix.from1DArray(values.length / width, width, Array.from(values));
      const reference = new GaloreReference(matrix(start), options);
      for (let call = 1; call <= 10; call++) {
        const G = normals(`gradient ${call}`, rows * columns);
        await run.step({ W: G }, options.lr);
        const chosen = call % 4 === 1 ? matrix(await run.read('W/P'), options.rank) : undefined;
        reference.step(matrix(G), chosen);
        expectAllClose(await run.read('W'), reference.weight.to1DArray(), 2e-5);
      }
      run.dispose();
    });

    it('moves within its vectors only, whose number the shorter side bounds', async () => {
      const parameters = [matrixInfo(3, 6)];
      const optimizer = createOptimizer('galore', { rank: 1 }, parameters);
      const run = new OptimizerRun(engine, optimizer, parameters);
      await run.step({ W: normals('G', 18) }, 1);
      const [P, W] = [await run.read('W/P'), await run.read('W')];
      // Every column of W is a multiple of the one vector.
      for (let j = 0; j < 6; j++) expect(W[j]! * P[1]!).toBeCloseTo(W[6 + j]! * P[0]!, 5);
      run.dispose();
      const full = createOptimizer('galore', { rank: 9 }, parameters);
      expect(full.stateShapes).toMatchObject({ 'W/P': [3, 3], 'W/m': [3, 6] });
    });

    it.each([NaN, Infinity, 1e25])('keeps the vectors that it has when a gradient of %d gives none', async (value) => {
      const parameters = [matrixInfo(3, 4)];
      const optimizer = createOptimizer('galore', { ...options, precondition_frequency: 2 }, parameters);
      expect(optimizer.maxRefreshFailures).toBe(3);
      const run = new OptimizerRun(engine, optimizer, parameters);
      expect((await run.step({ W: normals('G', 12) }, 0.01)).refreshFailures).toBe(0);
      await run.step({ W: normals('G', 12) }, 0.01);
      const before = await run.read('W/P');
      expect((await run.step({ W: new Float32Array(12).fill(value) }, 0.01)).refreshFailures).toBe(1);
      expect(await run.read('W/P')).toEqual(before);
      run.dispose();
    });
  });
}
