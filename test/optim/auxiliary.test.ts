import { describe, expect, it } from 'vitest';
import { adamwRule } from '../../src/optim/adamw.js';
import { isAuxiliary, routeOptional, routeRequired } from '../../src/optim/auxiliary.js';
import { matrixInfo, vectorInfo } from '../support/optimizer-run.js';

const own = { ...adamwRule({ lr: 1, betas: [0, 0], eps: 0, weight_decay: 0 }), name: 'own' };
const embedding = { name: 'embed', shape: [9, 4], role: 'embedding' } as const;
const head = { name: 'head', shape: [9, 4], role: 'head' } as const;
const options = {
  lr: 0.02,
  weight_decay: 0.1,
  auxiliary_lr: 0.001,
  auxiliary_betas: [0.9, 0.99] as [number, number],
  auxiliary_weight_decay: null,
};

describe('the auxiliary AdamW', () => {
  it('takes everything but the hidden matrices, as one rule', () => {
    const route = routeOptional(own, options);
    expect(route(matrixInfo(3, 4))).toBe(own);
    expect([embedding, head, vectorInfo(3)].map((parameter) => route(parameter).name)).toEqual(Array(3).fill('adamw'));
    expect(route(embedding)).toBe(route(head));
    expect(isAuxiliary(matrixInfo(1, 4))).toBe(false);
  });

  it('takes nothing without a learning rate, unless the optimizer cannot do without it', () => {
    const none = { ...options, auxiliary_lr: null };
    expect(routeOptional(own, none)(embedding)).toBe(own);
    const required = routeRequired(own, none)(embedding);
    expect(required.name).toBe('adamw');
    expect(required.describe(embedding)).toBe('AdamW with learning rate 0.02');
  });

  it('takes what the optimizer says', () => {
    const route = routeRequired(own, options, ({ role }) => role === 'vector');
    expect(route(embedding)).toBe(own);
    expect(route(vectorInfo(3)).name).toBe('adamw');
  });

  it('follows the schedule to its own peak, with its own betas', () => {
    const rule = routeRequired(own, options)(embedding);
    const reference = adamwRule({ lr: 0.001, betas: [0.9, 0.99], eps: 1e-8, weight_decay: 0.1 });
    // A tenth of the peak, at the third call.
    const [is, expected] = [rule.scalars({ number: 3, lr: 0.002 }), reference.scalars({ number: 3, lr: 0.0001 })];
    for (const key of ['stepSize', 'bias2Root', 'keep'] as const) expect(is[key]).toBeCloseTo(expected[key], 12);
    const decayed = routeRequired(own, { ...options, auxiliary_weight_decay: 0 })(embedding);
    expect(decayed.scalars({ number: 1, lr: 0.02 }).keep).toBe(1);
  });
});
