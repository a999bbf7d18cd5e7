import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import type { ParameterInfo } from '../../src/optim/optimizer.js';
import { createOptimizer } from '../../src/optim/registry.js';
import { expectAllClose } from '../support/allclose.js';
import { matrixInfo, OptimizerRun, vectorInfo } from '../support/optimizer-run.js';
import { normals } from '../support/random.js';
import { Shampoo64 } from '../support/shampoo-float64.js';

const lr = 0.01;
const both = { left: true, right: true };
const rightOnly = { left: false, right: true };

export function shampooSuite(engine: Engine): void {
  const open = (parameter: ParameterInfo, options: object) =>
    new OptimizerRun(engine, createOptimizer('shampoo', { lr, ...options }, [parameter]), [parameter], {
      [parameter.name]: initial(parameter),
    });

  describe('Shampoo against float64', () => {
    const square = matrixInfo(4, 4);
    const embedding: ParameterInfo = { name: 'embed', shape: [5, 4], role: 'embedding' };
    const cases: [string, ParameterInfo, Record<string, unknown>, { left: boolean; right: boolean }, number][] = [
      ['a matrix', square, {}, both, 1 / 4],
      ['a vector', vectorInfo(3), {}, { left: true, right: false }, 1 / 2],
      ['inverse_exponent', matrixInfo(3, 4), { inverse_exponent: 0.4 }, both, 0.4],
      ['betas', square, { betas: [0.8, 0.99] }, both, 1 / 4],
      ['no grafting', square, { grafting: 'none' }, both, 1 / 4],
      ['grafting of SGD', square, { grafting: 'sgd' }, both, 1 / 4],
      ['grafting of AdaGrad', square, { grafting: 'adagrad', grafting_eps: 0.1 }, both, 1 / 4],
      ['sums of factors', square, { factor_accumulation: 'sum', grafting: 'none' }, both, 1 / 4],
      ['trace_scaling', square, { trace_scaling: true, grafting: 'none', inverse_exponent: 0.5 }, both, 1 / 2],
      ['roots by Newton', square, { root_method: 'newton', grafting: 'none' }, both, 1 / 4],
      ['roots of a vector by Newton', vectorInfo(3), { root_method: 'newton' }, { left: true, right: false }, 1 / 2],
      ['cubic roots by Newton', square, { root_method: 'newton', inverse_exponent: 1 / 3 }, both, 1 / 3],
      ['grafting_beta2 and grafting_eps', square, { grafting_beta2: 0.8, grafting_eps: 0.1 }, both, 1 / 4],
      ['weight_decay', square, { weight_decay: 2 }, both, 1 / 4],
      ['no bias correction', square, { use_bias_correction: false }, both, 1 / 4],
      ['a large epsilon', square, { epsilon: 0.5 }, both, 1 / 4],
      ['a start that is no multiple of the frequency', square, { start_preconditioning_step: 9 }, both, 1 / 4],
      ['a side longer than max_precond_dim', matrixInfo(5, 4), { max_precond_dim: 4 }, rightOnly, 1 / 4],
      ['an embedding', embedding, {}, rightOnly, 1 / 4],
      ['an embedding with precondition_vocab', embedding, { precondition_vocab: true }, both, 1 / 4],
    ];
    it.each(cases)('%s', async (_name, parameter, changes, sides, exponent) => {
      const options = {
        betas: [0.95, 0.95] as [number, number],
        // Large enough for float32 to have the roots of what few gradients have not reached yet.
        epsilon: 1e-3,
        weight_decay: 0.01,
        precondition_frequency: 4,
        start_preconditioning_step: 4,
        grafting: 'adam',
        grafting_beta2: 0.95,
        grafting_eps: 1e-8,
        use_bias_correction: true,
        factor_accumulation: 'average',
        trace_scaling: false,
        ...changes,
      };
      const run = open(parameter, options);
      const [rows, columns = 1] = parameter.shape as [number, number?];
      const asMatrix = (values: Float32Array) => Matrix.from1DArray(rows, columns, values);
      const reference = new Shampoo64(asMatrix(initial(parameter)), sides, {
        betas: options.betas,
        epsilon: options.epsilon,
        weightDecay: options.weight_decay,
        frequency: options.precondition_frequency,
        start: options.start_preconditioning_step,
        exponent,
        graft:
          options.grafting === 'none'
            ? undefined
            : { kind: options.grafting as 'adam', beta: options.grafting_beta2, eps: options.grafting_eps },
        sums: options.factor_accumulation === 'sum',
        traceScaling: options.trace_scaling,
        biasCorrection: options.use_bias_correction,
      });
      for (let call = 1; call <= 18; call++) {
        const values = gradient(parameter, call);
        const rate = lr * (1 + call / 10);
        await run.step({ [parameter.name]: values }, rate);
        reference.call(asMatrix(values), rate);
        expectAllClose(await run.read(parameter.name), reference.W.to1DArray(), 5e-5);
      }
      run.dispose();
    });
  });

  describe('Shampoo', () => {
    it.each([
      ['adam', 'adamw', { betas: [0.9, 0.95] }],
      ['sgd', 'shampoo', { betas: [0.9, 0.95], max_precond_dim: 0, grafting: 'none' }],
      ['none', 'shampoo', { betas: [0.9, 0.95], max_precond_dim: 0, grafting: 'none' }],
      ['adagrad', 'shampoo', { betas: [0.9, 0.95], max_precond_dim: 0, grafting: 'adagrad' }],
    ] as const)('is its graft, %s, before its start', async (grafting, name, options) => {
      const parameter = matrixInfo(3, 4);
      const run = open(parameter, { weight_decay: 0, precondition_frequency: 10, betas: [0.9, 0.95], grafting });
      const graft = new OptimizerRun(
        engine,
        createOptimizer(name, { lr, weight_decay: 0, ...options }, [parameter]),
        [parameter],
        { W: initial(parameter) },
      );
      for (let call = 1; call <= 10; call++) {
        for (const one of [run, graft]) await one.step({ W: gradient(parameter, call) }, lr);
        const difference = Matrix.sub(
          new Matrix([Array.from(await run.read('W'))]),
          new Matrix([Array.from(await graft.read('W'))]),
        ).norm('frobenius');
        if (call < 10) expect(difference).toBeLessThan(1e-6);
        else expect(difference).toBeGreaterThan(1e-4);
      }
      run.dispose();
      graft.dispose();
    });

    it.each([
      [
        matrixInfo(5, 7),
        3,
        [
          [0, 3],
          [3, 5],
        ],
        [
          [0, 3],
          [3, 6],
          [6, 7],
        ],
      ],
      [
        matrixInfo(2, 5),
        3,
        [[0, 2]],
        [
          [0, 3],
          [3, 5],
        ],
      ],
      [
        vectorInfo(5, 'W'),
        2,
        [
          [0, 2],
          [2, 4],
          [4, 5],
        ],
        [[0, 1]],
      ],
      [
        { name: 'W', shape: [7, 4], role: 'head' } as const,
        3,
        [[0, 7]],
        [
          [0, 3],
          [3, 4],
        ],
      ],
    ] as const)(
      'in blocks of a parameter %j is Shampoo of each block on its own',
      async (parameter, size, rowSpans, columnSpans) => {
        const options = { precondition_frequency: 3, epsilon: 1e-3, weight_decay: 0.1, max_precond_dim: size };
        const [rows, columns = 1] = parameter.shape as readonly [number, number?];
        const whole = open(parameter, { ...options, large_dims: 'blocks' });
        const cut = (
          values: ArrayLike<number>,
          [r0, r1]: readonly [number, number],
          [c0, c1]: readonly [number, number],
        ) =>
          Matrix.from1DArray(rows, columns, Array.from(values))
            .subMatrix(r0, r1 - 1, c0, c1 - 1)
            .to1DArray();
        const parts = rowSpans.flatMap((row) => columnSpans.map((column) => ({ row, column })));
        expect(Object.keys(whole.optimizer.stateShapes).filter((slot) => slot.startsWith('W/R')).length).toBe(
          columns === 1 ? 0 : parts.length,
        );
        const alone = parts.map(({ row, column }) => {
          const shape = parameter.shape.length === 1 ? [row[1] - row[0]] : [row[1] - row[0], column[1] - column[0]];
          const part = { ...parameter, shape };
          const optimizer = createOptimizer('shampoo', { lr, ...options, max_precond_dim: 100 }, [part]);
          return new OptimizerRun(engine, optimizer, [part], { W: cut(initial(parameter), row, column) });
        });
        for (let call = 1; call <= 7; call++) {
          const G = gradient(parameter, call);
          await whole.step({ W: G }, lr);
          for (const [i, { row, column }] of parts.entries()) await alone[i]!.step({ W: cut(G, row, column) }, lr);
        }
        const W = await whole.read('W');
        for (const [i, { row, column }] of parts.entries()) {
          expectAllClose(cut(W, row, column), await alone[i]!.read('W'), 1e-6);
          alone[i]!.dispose();
        }
        whole.dispose();
      },
    );

    it('computes its roots at the start and at multiples of the frequency', async () => {
      const run = open(matrixInfo(3, 3), { precondition_frequency: 4, start_preconditioning_step: 6 });
      const changed: number[] = [];
      let before = await run.read('W/PL');
      for (let call = 1; call <= 17; call++) {
        await run.step({ W: gradient(matrixInfo(3, 3), call) }, lr);
        const after = await run.read('W/PL');
        if (before.some((value, i) => value !== after[i])) changed.push(call);
        before = after;
      }
      expect(changed).toEqual([6, 8, 12, 16]);
      run.dispose();
    });

    it('starts, unless told otherwise, at the first multiple of the frequency', () => {
      const optimizer = createOptimizer('shampoo', { precondition_frequency: 3 }, [matrixInfo(2, 2)]);
      expect([1, 2, 3, 4, 5, 6].map((call) => optimizer.phaseAt(call))).toEqual([
        'graft',
        'graft',
        'refresh',
        'plain',
        'plain',
        'refresh',
      ]);
    });
  });
}

function initial({ shape }: ParameterInfo): Float32Array {
  return normals(
    'initial',
    shape.reduce((a, b) => a * b, 1),
  );
}

function gradient({ shape }: ParameterInfo, call: number): Float32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  const noise = normals(`gradient ${call}`, size);
  const common = normals('common', size);
  return noise.map((value, i) => 0.6 * value + common[i]! * noise[0]!);
}
