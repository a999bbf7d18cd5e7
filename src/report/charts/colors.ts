/**
 * Colours of the optimizers that are compared most, the same in every chart and report; each can be told from white and
 * from near-black paper.
 */
const ofOptimizer: Readonly<Record<string, string>> = {
  adamw: '#868e96',
  shampoo: '#1c7ed6',
  soap: '#e8590c',
  muon: '#2f9e44',
};

/** For everything else, in this order. */
const others = ['#ae3ec9', '#0c8599', '#b08900', '#e64980', '#7950f2', '#a1663f'];

/** Of what is drawn beside the curves: targets, ideal lines. */
export const lineColor = '#80868e';

export const palette: readonly string[] = [...Object.values(ofOptimizer), ...others, lineColor];

/** A colour for every label; a second label of the same optimizer gets another one. */
export function labelColors(labels: readonly (readonly [label: string, optimizer: string])[]): Map<string, string> {
  const colors = new Map<string, string>();
  const free = [...others];
  for (const [label, optimizer] of labels) {
    if (colors.has(label)) continue;
    const own = ofOptimizer[optimizer];
    const taken = own === undefined || [...colors.values()].includes(own);
    // With more labels than colours some look alike; their names still differ.
    const next = taken ? free.shift() : own;
    colors.set(label, next ?? others[colors.size % others.length]!);
  }
  return colors;
}

/** In this order for curves of one colour. */
export const lineShapes = ['line', 'dashed', 'dotted'] as const;
