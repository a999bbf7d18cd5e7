import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { modelSchema } from '../../src/model/config.js';
import { modelParameters } from '../../src/model/parameters.js';
import { createOptimizer } from '../../src/optim/registry.js';
import { TrainingProgram } from '../../src/train/training-program.js';
import { wholes } from '../support/random.js';

const model = modelSchema.parse({ n_layer: 1, d_model: 8, n_head: 2, context: 4 });
const parameters = modelParameters(model, 13);

function batchOf(label: string) {
  const tokens = wholes(label, 6 * 4 + 1, 13);
  return { inputs: tokens.slice(0, -1), targets: tokens.slice(1) };
}

/** What a training program does with an optimizer's bases: looks at them, and leaves refreshes out. */
export function basesSuite(engine: Engine): void {
  const open = async (options: object) => {
    const optimizer = createOptimizer('soap', { precondition_frequency: 2, ...options }, parameters);
    const program = await TrainingProgram.open(engine, {
      model,
      parameters,
      optimizer,
      sequences: 6,
      microbatches: 1,
      gradClip: null,
    });
    program.initialize(parameters, 3);
    await program.prepare(6);
    return program;
  };

  describe('bases in a training program', () => {
    it('have no report before the first one, and then the worst of all', async () => {
      const program = await open({});
      expect(await program.inspect(0)).toBeUndefined();
      for (let number = 1; number <= 4; number++) await program.step({ number, lr: 0.01 }, [batchOf(`${number}`)]);
      const report = (await program.inspect(4))!;
      let worst = { error: 0, share: 0, eigenvalue: Infinity };
      for (const { name, shape } of parameters.filter(({ role }) => role !== 'vector')) {
        for (const [factor, basis, size] of [
          ['L', 'QL', shape[0]!],
          ['R', 'QR', shape[1]!],
        ] as const) {
          const read = async (slot: string) => Matrix.from1DArray(size, size, await program.weight(`${name}/${slot}`));
          const known = await read(basis).catch(() => undefined);
          if (known === undefined) continue;
          const P = await read(factor);
          const rotated = known.transpose().mmul(P).mmul(known);
          const diagonal = Matrix.diag(rotated.diagonal());
          const error = Matrix.sub(known.transpose().mmul(known), Matrix.eye(size)).norm('frobenius');
          const share = Matrix.sub(rotated, diagonal).norm('frobenius') / rotated.norm('frobenius');
          worst = {
            error: Math.max(worst.error, error),
            share: Math.max(worst.share, share),
            eigenvalue: Math.min(worst.eigenvalue, ...rotated.diagonal()),
          };
        }
      }
      expect(report.off_diagonal_share).toBeCloseTo(worst.share, 4);
      expect(report.off_diagonal_share).toBeGreaterThan(0.01);
      expect(report.smallest_eigenvalue).toBeCloseTo(worst.eigenvalue, 6);
      expect(Math.abs(report.basis_error - worst.error)).toBeLessThan(3e-6);
      expect(report.basis_error).toBeLessThan(1e-5);
      program.dispose();
    });

    it('have no report where nothing is rotated', async () => {
      const program = await open({ max_precond_dim: 0 });
      await program.step({ number: 1, lr: 0.01 }, [batchOf('1')]);
      expect(await program.inspect(1)).toBeUndefined();
      program.dispose();
    });

    it('are refreshed while they are worse than refresh_tolerance, and left alone while they are not', async () => {
      const changed = async (refresh_tolerance: number) => {
        const program = await open({ refresh_tolerance });
        const calls: number[] = [];
        let before = await program.weight('head.weight/QR');
        for (let number = 1; number <= 6; number++) {
          await program.step({ number, lr: 0.01 }, [batchOf(`${number}`)]);
          const after = await program.weight('head.weight/QR');
          if (after.some((value, i) => value !== before[i])) calls.push(number);
          before = after;
        }
        program.dispose();
        return calls;
      };
      expect(await changed(0)).toEqual([1, 3, 5]);
      expect(await changed(1e-6)).toEqual([1, 3, 5]);
      expect(await changed(0.999)).toEqual([1]);
    });
  });
}
