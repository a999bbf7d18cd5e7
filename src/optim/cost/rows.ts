import { modelCost } from './model-cost.js';
import type { ParameterInfo } from '../optimizer.js';
import { createOptimizer, type OptimizerName } from '../registry.js';

/** The cost of an optimizer on a model, as shown in tables. Operations are per step; null if the paper has no formula. */
export interface CostRow {
  readonly optimizer: string;
  readonly state_bytes: number;
  readonly paper_state_bytes: number | null;
  readonly flops: number;
  readonly matmul_flops: number;
  readonly decomposition_flops: number;
  readonly elementwise_flops: number;
  readonly flops_over_adamw: number;
  readonly paper_flops_over_adamw: number | null;
}

/** A labelled optimizer whose cost is computed. */
export interface CostEntry {
  readonly label: string;
  readonly optimizer: OptimizerName;
  readonly options: unknown;
}

/** Computes a row for every entry, on the same parameters. */
export function costRows(parameters: readonly ParameterInfo[], entries: readonly CostEntry[]): CostRow[] {
  const adamw = modelCost(createOptimizer('adamw', {}, parameters)).flops.total;
  return entries.map(({ label, optimizer, options }) => {
    const { state_bytes, flops, paper } = modelCost(createOptimizer(optimizer, options, parameters));
    return {
      optimizer: label,
      state_bytes,
      paper_state_bytes: paper?.state_bytes ?? null,
      flops: flops.total,
      matmul_flops: flops.matmul,
      decomposition_flops: flops.decomposition,
      elementwise_flops: flops.elementwise,
      flops_over_adamw: flops.total - adamw,
      paper_flops_over_adamw: paper?.flops_over_adamw ?? null,
    };
  });
}
