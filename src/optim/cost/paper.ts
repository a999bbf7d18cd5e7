import type { ParameterInfo, UpdateRule } from '../optimizer.js';

/** The cost of a tensor by the SOAP paper's formulas. */
export interface PaperCost {
  /** Section 7.2, without the mn of the gradient, which the paper includes. */
  readonly state_bytes: number;
  /** Section 7.3: matrix products of a step beyond AdamW's, two operations per multiplication of the formula. */
  readonly flops_over_adamw: number;
}

/**
 * Applies the formulas of arXiv:2409.11321, sections 7.2 and 7.3, to an m×n tensor; a vector has n = 1. A side without a
 * factor (the identity) adds no terms.
 * @returns Undefined for rules that the paper does not cover.
 */
export function paperCost(rule: UpdateRule, parameter: ParameterInfo): PaperCost | undefined {
  const slots = rule.stateShapes(parameter);
  const elements = parameter.shape.reduce((product, size) => product * size, 1);
  const sides = sidesWithFactors(parameter, slots);
  const each = (term: (d: number, other: number) => number) =>
    sides.reduce((sum, { d, other }) => sum + term(d, other), 0);
  const cost = (floats: number, products: number): PaperCost => ({
    state_bytes: 4 * floats,
    flops_over_adamw: 2 * products,
  });
  const factors = each((d) => 2 * d ** 2);
  switch (rule.name) {
    case 'adamw':
      return cost(2 * elements, 0);
    case 'adafactor':
      return cost(elements, 0);
    case 'shampoo':
      return cost(
        factors + 2 * elements,
        each((d, other) => d ** 3 + d ** 2 * other),
      );
    case 'soap':
      if ('v' in slots) {
        return cost(
          factors + 2 * elements,
          each((d, other) => d ** 3 + 2 * d ** 2 * other),
        );
      }
      return cost(factors + elements, factorizedProducts(sides));
    default:
      return undefined;
  }
}

interface FactorSide {
  /** Size of the factor. */
  readonly d: number;
  /** Length of the other side of the matrix that it is applied to. */
  readonly other: number;
}

/** The sides with factors L and R. A tensor in blocks has those of every block; its slots end in the block's suffix. */
function sidesWithFactors(
  { shape }: ParameterInfo,
  slots: Readonly<Record<string, readonly number[]>>,
): readonly FactorSide[] {
  const [m, n = 1] = shape as readonly [number, number?];
  return Object.entries(slots).flatMap(([slot, [d]]) => {
    const [, side, block = ''] = /^([LR])(.*)$/.exec(slot) ?? [];
    if (side === undefined || d === undefined) return [];
    const [counterpart] = slots[(side === 'L' ? 'R' : 'L') + block] ?? [];
    return [{ d, other: counterpart ?? (side === 'L' ? n : m) }];
  });
}

/** Adafactor in the eigenbasis: projecting to and from the basis of the shorter side is a single product. */
function factorizedProducts(sides: readonly FactorSide[]): number {
  const [first, second] = sides;
  if (first === undefined) return 0;
  if (second === undefined) return first.d ** 2 * first.other + 2 * first.d ** 3;
  const [m, n] = [first.d, second.d];
  const [short, long] = [Math.min(m, n), Math.max(m, n)];
  return m ** 3 + n ** 3 + m * m * n + n * n * m + long * long * short + short ** 3;
}
