import { bytesOf, type Optimizer } from './optimizer.js';

/** A parameter and how its optimizer treats it. */
export interface RoutingRow {
  readonly parameter: string;
  readonly shape: readonly number[];
  readonly role: string;
  readonly rule: string;
  readonly treatment: string;
  readonly state_bytes: number;
}

/** Lists how an optimizer treats each parameter. */
export function routingOf(optimizer: Optimizer): RoutingRow[] {
  return optimizer.routes.map(({ parameter, rule }) => ({
    parameter: parameter.name,
    shape: parameter.shape,
    role: parameter.role,
    rule: rule.name,
    treatment: rule.describe(parameter),
    state_bytes: bytesOf(rule.stateShapes(parameter)),
  }));
}

/** Merges the rows of equal blocks, as in `blocks.0–2.attn.qkv.weight ×3`. */
export function foldBlocks(rows: readonly RoutingRow[]): (RoutingRow & { readonly count: number })[] {
  const folded = new Map<string, RoutingRow[]>();
  for (const row of rows) {
    const { parameter, ...rest } = row;
    const key = JSON.stringify([parameter.replace(/^blocks\.\d+\./, 'blocks.*.'), rest]);
    folded.set(key, [...(folded.get(key) ?? []), row]);
  }
  return [...folded.values()].map((same) => {
    const [first, last] = [same[0]!, same.at(-1)!];
    if (same.length === 1) return { ...first, count: 1 };
    const index = ({ parameter }: RoutingRow) => parameter.split('.')[1]!;
    const range = `blocks.${index(first)}–${index(last)}.`;
    const name = first.parameter.replace(/^blocks\.\d+\./, range);
    return { ...first, parameter: `${name} ×${same.length}`, count: same.length };
  });
}
