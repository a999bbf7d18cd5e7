import type { StepOptions } from '../engine.js';
import { productsInBfloat16 } from './bfloat16.js';
import { fuse } from './fuse.js';
import type { Graph } from './graph.js';
import type { StepNodes } from './rewrite.js';
import { limitMemory } from './schedule.js';

/**
 * A fused operation costs some 50 ms when it first runs. At this size it saves about 0.2 ms each time, at a quarter of it
 * hardly anything: a short run of a small model would not earn it back.
 */
const worthFusing = 2 ** 19;

/** The same step, rewritten as a whole: what single ops can be simplified to was done when they were added. */
export function optimized(graph: Graph, step: StepNodes, options: StepOptions): StepNodes {
  const { products = 'float32', fuseFrom = worthFusing } = options;
  const precise = products === 'bfloat16' ? productsInBfloat16(graph, step) : step;
  return limitMemory(graph, fuse(graph, precise, fuseFrom));
}
