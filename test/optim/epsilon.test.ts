import '@tensorflow/tfjs';
import { ones, tensor2d, zeros } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { createOptimizer } from '../../src/optim/registry.js';

const parameter = { name: 'w', shape: [2, 2], role: 'matrix' } as const;

it.each([1e-30, 1e-20, 2 ** -23])('Adafactor stays finite where there has been no gradient, with eps1 %d', (eps1) => {
  const optimizer = createOptimizer('adafactor', { eps1 }, [parameter]);
  const state = Object.fromEntries(
    Object.entries(optimizer.stateShapes).map(([name, shape]) => [name, zeros([...shape])]),
  );
  const scalars = Object.fromEntries(
    Object.entries(optimizer.scalars({ number: 1, lr: 0.1 })).map(([name, value]) => [name, ones([]).mul(value)]),
  );
  const gradient = tensor2d([1e-3, 2e-3, 0, 0], [2, 2]);
  const call = { phase: optimizer.phaseAt(1), scalars };
  for (const G of [gradient, zeros([2, 2])]) {
    const next = optimizer.update(call, { w: ones([2, 2]) }, { w: G }, state);
    const values = [...next.weights.w!.dataSync()];
    expect(values.every(Number.isFinite)).toBe(true);
    expect(values.slice(2)).toEqual([1, 1]);
  }
});

it.each([
  ['adamw', 'eps', 0],
  ['soap', 'eps', 1e-50],
  ['adafactor', 'eps1', 1e-38],
  ['shampoo', 'epsilon', 0],
] as const)('%s refuses %s %d, which is 0 in float32 or nearly so', (name, key, value) => {
  expect(() => createOptimizer(name, { [key]: value }, [parameter])).toThrow(key);
});
