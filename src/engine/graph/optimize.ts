import type { StepOptions } from '../engine.js';
import { productsInBfloat16 } from './bfloat16.js';
import { fuse } from './fuse.js';
import type { Graph } from './graph.js';
import type { StepNodes } from './rewrite.js';
import { limitMemory } from './schedule.js';

/** Optimizes a step as a whole. Single ops were already simplified when they were added. */
export function optimized(graph: Graph, step: StepNodes, options: StepOptions): StepNodes {
  const { products = 'float32', fuseFrom } = options;
  const precise = products === 'bfloat16' ? productsInBfloat16(graph, step) : step;
  return limitMemory(graph, fuseFrom === undefined ? precise : fuse(graph, precise, fuseFrom));
}
