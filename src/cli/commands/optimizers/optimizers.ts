import type { Command } from 'commander';
import { registerOptimizersCost } from './optimizers-cost.js';
import { registerOptimizersExplain } from './optimizers-explain.js';
import { registerOptimizersList } from './optimizers-list.js';

/** `soap-bench optimizers`: what there is, what an optimizer does with which tensor, and what that costs. */
export function registerOptimizers(program: Command): void {
  const command = program
    .command('optimizers')
    .description('what the optimizers are, how they treat a model and what that costs');
  registerOptimizersList(command);
  registerOptimizersExplain(command);
  registerOptimizersCost(command);
}
