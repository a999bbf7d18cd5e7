import { describe, expect, it } from 'vitest';
import { parseScale, scaleShape } from '../../src/config/scale.js';

describe('parseScale', () => {
  it('keeps a fraction as it was written', () => {
    expect(parseScale('1/3')).toEqual({ above: 1, below: 3 });
    expect(parseScale(' 2 / 8 ')).toEqual({ above: 2, below: 8 });
    expect(parseScale(0.125)).toEqual({ above: 0.125, below: 1 });
  });

  it.each(['1/0', '0/4', '3/2', 'a/b', '', 0, -1, 1.5, Number.NaN, null, true])('refuses %s', (value) => {
    expect(parseScale(value)).toBeUndefined();
  });
});

describe('scaleShape', () => {
  const half = { above: 1, below: 2 };

  it('skips numbers of heads that leave an odd head size', () => {
    // 2 heads of 3 would be the smallest that divide 6.
    expect(scaleShape({ n_layer: 2, d_model: 12, n_head: 4 }, half)).toEqual({ n_layer: 1, d_model: 6, n_head: 3 });
  });

  it('is exact with thirds', () => {
    const third = { above: 1, below: 3 };
    expect(scaleShape({ n_layer: 3, d_model: 6, n_head: 1 }, third)).toEqual({ n_layer: 1, d_model: 2, n_head: 1 });
  });

  it('gives up when the shape would not be whole', () => {
    expect(scaleShape({ n_layer: 3, d_model: 12, n_head: 2 }, half)).toBeUndefined();
    expect(scaleShape({ n_layer: 2, d_model: 10, n_head: 2 }, half)).toBeUndefined();
  });
});
