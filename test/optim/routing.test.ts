import { describe, expect, it } from 'vitest';
import { bindOptimizer, stateBytes, type ParameterInfo, type UpdateRule } from '../../src/optim/optimizer.js';
import { createOptimizer } from '../../src/optim/registry.js';
import { matrixInfo, vectorInfo } from '../support/optimizer-run.js';

const head: ParameterInfo = { name: 'head', shape: [9, 4], role: 'head' };

describe('createOptimizer', () => {
  it.each([
    ['adamw', { lr: 'fast' }, /lr/],
    ['soap', { betas: [0.9, 1] }, /betas/],
    ['soap', { frequency: 3 }, /frequency/],
    ['shampoo', { precondition_frequency: 5, start_preconditioning_step: 3 }, /at least `precondition_frequency`/],
    ['shampoo', { epsilon: 0 }, /epsilon/],
    ['shampoo', { root_method: 'newton', inverse_exponent: 0.4 }, /1 over a whole number, or `per_order`/],
    ['shampoo', { large_dims: 'blocks', max_precond_dim: 0 }, /at least 1 for `large_dims: blocks`/],
    ['soap', { start_preconditioning_step: 5 }, /must be 1 where `skip_first_update` is true/],
    ['soap', { refresh_tolerance: 1 }, /refresh_tolerance/],
    ['soap', { max_refresh_failures: -1 }, /max_refresh_failures/],
  ] as const)('refuses %s with %j', (name, options, message) => {
    expect(() => createOptimizer(name, options, [])).toThrow(message);
  });

  it.each([
    ['soap', matrixInfo(3, 4), { L: [3, 3], R: [4, 4], QL: [3, 3], QR: [4, 4], m: [3, 4], v: [3, 4] }],
    ['soap', vectorInfo(5), { m: [5], v: [5] }],
    ['soap', head, { R: [4, 4], QR: [4, 4], m: [9, 4], v: [9, 4] }],
    ['shampoo', matrixInfo(3, 4), { L: [3, 3], R: [4, 4], PL: [3, 3], PR: [4, 4], m: [3, 4], v: [3, 4] }],
    ['shampoo', vectorInfo(5), { L: [5, 5], PL: [5, 5], m: [5], v: [5] }],
    ['shampoo', head, { R: [4, 4], PR: [4, 4], m: [9, 4], v: [9, 4] }],
    ['adamw', head, { m: [9, 4], v: [9, 4] }],
  ] as const)('%s keeps the state it should for %j', (name, parameter, slots) => {
    const { stateShapes } = createOptimizer(name, {}, [parameter]);
    const expected = Object.fromEntries(
      Object.entries(slots).map(([slot, shape]) => [`${parameter.name}/${slot}`, shape]),
    );
    expect(stateShapes).toEqual(expected);
  });

  it('says what to change when Newton iterations fail', () => {
    const advice = (options: object) => createOptimizer('shampoo', options, [matrixInfo(3, 4)]).refreshAdvice;
    expect(advice({ root_method: 'newton' })).toMatch(/larger epsilon or more newton_iterations; root_method=eigh/);
    expect(advice({ root_method: 'eigh' })).toBeNull();
  });

  // The paper's section 7, its one mn for the gradient left out.
  it.each([
    [{}, (m: number, n: number) => 2 * m * m + 2 * n * n + 2 * m * n],
    [{ one_sided: true }, (m: number, n: number) => 2 * Math.min(m, n) ** 2 + 2 * m * n],
    [{ second_moment: 'factorized' }, (m: number, n: number) => 2 * m * m + 2 * n * n + m * n + m + n],
    [
      { second_moment: 'factorized', one_sided: true },
      (m: number, n: number) => 2 * Math.min(m, n) ** 2 + m * n + m + n,
    ],
    [{ factor_update: 'kl' }, (m: number, n: number) => 2 * m * m + 2 * n * n + 2 * m * n + m + n],
  ])('SOAP with %j keeps as many numbers as it should', (options, floats) => {
    for (const [m, n] of [
      [3, 7],
      [7, 3],
      [4, 4],
    ] as const) {
      expect(stateBytes(createOptimizer('soap', options, [matrixInfo(m, n)]))).toBe(4 * floats(m, n));
    }
  });

  it('counts 4 bytes a number of state', () => {
    expect(stateBytes(createOptimizer('soap', {}, [matrixInfo(3, 4), vectorInfo(5)]))).toBe(
      4 * (2 * 12 + 2 * 9 + 2 * 16 + 2 * 5),
    );
    expect(stateBytes(createOptimizer('shampoo', { grafting: 'none' }, [vectorInfo(5)]))).toBe(4 * (5 + 50));
  });

  it.each([
    ['soap', matrixInfo(3, 4), {}, 'SOAP, left 3×3, right 4×4'],
    ['soap', head, {}, 'SOAP, left identity (9), right 4×4'],
    ['soap', head, { precondition_vocab: true }, 'SOAP, left 9×9, right 4×4'],
    ['soap', vectorInfo(5), {}, 'Adam (no side rotated)'],
    ['soap', vectorInfo(5), { precondition_1d: true }, 'SOAP, left 5×5'],
    ['soap', matrixInfo(3, 4), { merge_dims: true }, 'SOAP, left 12×12'],
    ['shampoo', matrixInfo(3, 4), {}, 'Shampoo, left 3×3, right 4×4, exponent 0.25 a side'],
    ['shampoo', vectorInfo(5), {}, 'Shampoo, left 5×5, exponent 0.5 a side'],
    ['soap', matrixInfo(3, 4), { one_sided: true }, 'SOAP, left 3×3, right identity (4)'],
    ['soap', matrixInfo(3, 4), { second_moment: 'factorized' }, 'SOAP, left 3×3, right 4×4, second moment factorized'],
    ['soap', head, { auxiliary_lr: 0.01 }, 'AdamW with learning rate 0.01'],
    ['shampoo', head, { auxiliary_lr: 0.01 }, 'AdamW with learning rate 0.01'],
    [
      'shampoo',
      matrixInfo(3, 4),
      { large_dims: 'blocks', max_precond_dim: 2 },
      'Shampoo, 4 blocks, the first left 2×2, right 2×2, exponent 0.25 a side',
    ],
    ['shampoo', vectorInfo(5), { max_precond_dim: 4, grafting: 'adagrad' }, 'AdaGrad (no side preconditioned)'],
    ['shampoo', vectorInfo(5), { max_precond_dim: 4 }, 'Adam (no side preconditioned)'],
    ['shampoo', vectorInfo(5), { max_precond_dim: 4, grafting: 'none' }, 'momentum (no side preconditioned)'],
    ['adamw', head, {}, 'AdamW, element by element'],
  ] as const)('%s describes its treatment of %j with %j', (name, parameter, options, text) => {
    const [route] = createOptimizer(name, options, [parameter]).routes;
    expect(route!.rule.describe(parameter)).toBe(text);
  });
});

describe('bindOptimizer', () => {
  /** Moves weights by a constant that tells which rule, phase and scalar they met. */
  const rule = (name: string, period: number): UpdateRule => ({
    name,
    stateShapes: () => ({ calls: [] }),
    phaseAt: (call) => (call % period === 0 ? 'due' : 'idle'),
    scalars: ({ number, lr }) => ({ rate: lr * period, number }),
    update: ({ phase, scalars }, parameter, _weight, _gradient, state) => {
      seen.push([name, phase, parameter.name, Object.keys(scalars).sort().join(), Object.keys(state).join()]);
      return { weight: scalars.rate!, state: { calls: scalars.number! } };
    },
    describe: () => name,
  });
  const seen: string[][] = [];
  const [two, three] = [rule('two', 2), rule('three', 3)];
  const optimizer = bindOptimizer('both', ({ role }) => (role === 'vector' ? two : three), [
    vectorInfo(2, 'a'),
    matrixInfo(2, 2, 'b'),
    vectorInfo(2, 'c'),
  ]);

  it('joins the phases of its rules, one a rule', () => {
    expect([1, 2, 3, 6].map((call) => optimizer.phaseAt(call))).toEqual([
      'idle+idle',
      'due+idle',
      'idle+due',
      'due+due',
    ]);
  });

  it('hands every rule its own phase, scalars and state', () => {
    const scalars = optimizer.scalars({ number: 3, lr: 0.5 });
    expect(scalars).toEqual({ 'two/rate': 1, 'two/number': 3, 'three/rate': 1.5, 'three/number': 3 });
    seen.length = 0;
    // No tensor is computed with: any value may stand for one.
    const stand = (value: unknown) => value as never;
    const asTensors = Object.fromEntries(Object.entries(scalars).map(([key, value]) => [key, stand(value)]));
    const { weights, state } = optimizer.update({ phase: 'idle+due', scalars: asTensors }, {}, {}, {});
    expect(seen).toEqual([
      ['two', 'idle', 'a', 'number,rate', 'calls'],
      ['three', 'due', 'b', 'number,rate', 'calls'],
      ['two', 'idle', 'c', 'number,rate', 'calls'],
    ]);
    expect(weights).toEqual({ a: 1, b: 1.5, c: 1 });
    expect(state).toEqual({ 'a/calls': 3, 'b/calls': 3, 'c/calls': 3 });
  });
});
