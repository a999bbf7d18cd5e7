import { countFlops, type Flops } from './counting.js';
import { paperCost, type PaperCost } from './paper.js';
import { bytesOf, type Optimizer, type Route, type UpdateRule } from '../optimizer.js';

/** The cost of an optimizer on one tensor. Operations are per step, with refreshes averaged over all steps. */
export interface TensorCost {
  readonly state_bytes: number;
  readonly flops: Flops;
  /** The cost by the SOAP paper's formulas; undefined if it has none. */
  readonly paper: PaperCost | undefined;
}

/** The cost of an optimizer on a model, summed over its tensors. */
export interface ModelCost {
  /** Optimizer state in float32, without weights and gradients. */
  readonly state_bytes: number;
  /** Floating-point operations of one step. A multiplication and an addition count as two. */
  readonly flops: Flops & { readonly total: number };
  readonly paper: PaperCost | null;
}

/** Operations of an update and bytes of state for each tensor, computed from shapes alone. */
export function tensorCosts(optimizer: Optimizer): { route: Route; cost: TensorCost }[] {
  // A model repeats a few shapes many times.
  const known = new Map<string, TensorCost>();
  return optimizer.routes.map((route) => {
    const { parameter, rule } = route;
    const key = JSON.stringify([rule.name, parameter.shape, parameter.role]);
    const cost = known.get(key) ?? costOf(route);
    known.set(key, cost);
    return { route, cost };
  });
}

/** Sums `tensorCosts` over the model. The paper's numbers are undefined unless it has formulas for every tensor. */
export function modelCost(optimizer: Optimizer): ModelCost {
  const costs = tensorCosts(optimizer).map(({ cost }) => cost);
  const sum = (of: (cost: TensorCost) => number) => costs.reduce((total, cost) => total + of(cost), 0);
  const flops = {
    matmul: sum((cost) => cost.flops.matmul),
    decomposition: sum((cost) => cost.flops.decomposition),
    elementwise: sum((cost) => cost.flops.elementwise),
  };
  const papers = costs.map(({ paper }) => paper);
  return {
    state_bytes: sum((cost) => cost.state_bytes),
    flops: { ...flops, total: flops.matmul + flops.decomposition + flops.elementwise },
    paper: papers.every((paper) => paper !== undefined)
      ? {
          state_bytes: papers.reduce((total, { state_bytes }) => total + state_bytes, 0),
          flops_over_adamw: papers.reduce((total, { flops_over_adamw }) => total + flops_over_adamw, 0),
        }
      : null,
  };
}

function costOf({ parameter, rule }: Route): TensorCost {
  const shapes = rule.stateShapes(parameter);
  const flops = { matmul: 0, decomposition: 0, elementwise: 0 };
  for (const [phase, share] of phaseShares(rule)) {
    const counted = countFlops((tensorOf) => {
      const scalars = Object.keys(rule.scalars({ number: 1, lr: 0 })).map((name) => [name, tensorOf([])]);
      const state = Object.entries(shapes).map(([slot, shape]) => [slot, tensorOf(shape)]);
      rule.update(
        { phase, scalars: Object.fromEntries(scalars) as never },
        parameter,
        tensorOf(parameter.shape),
        tensorOf(parameter.shape),
        Object.fromEntries(state) as never,
      );
    });
    for (const kind of ['matmul', 'decomposition', 'elementwise'] as const) flops[kind] += share * counted[kind];
  }
  return { state_bytes: bytesOf(shapes), flops, paper: paperCost(rule, parameter) };
}

/** Steps over which phases are counted: far longer than any start-up, and a multiple of the usual refresh periods. */
const horizon = 25_200;

/** The share of steps in each phase. */
function phaseShares(rule: UpdateRule): [phase: string, share: number][] {
  const steps = new Map<string, number>();
  for (let step = horizon + 1; step <= 2 * horizon; step++) {
    const phase = rule.phaseAt(step);
    steps.set(phase, (steps.get(phase) ?? 0) + 1);
  }
  return [...steps].map(([phase, count]) => [phase, count / horizon]);
}
