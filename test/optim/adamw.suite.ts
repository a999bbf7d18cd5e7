import { describe, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { createOptimizer } from '../../src/optim/registry.js';
import { expectAllClose } from '../support/allclose.js';
import { OptimizerRun, vectorInfo } from '../support/optimizer-run.js';
import { normals } from '../support/random.js';

export function adamwSuite(engine: Engine): void {
  describe('AdamW', () => {
    it('is the formula, with ε on the corrected root and the decay before the step', async () => {
      const [b1, b2, eps, decay] = [0.8, 0.95, 0.1, 2];
      const parameter = vectorInfo(6);
      let W = Array.from(normals('initial', 6));
      const options = { betas: [b1, b2], eps, weight_decay: decay };
      const run = new OptimizerRun(engine, createOptimizer('adamw', options, [parameter]), [parameter], { w: W });
      const m = W.map(() => 0);
      const v = W.map(() => 0);
      for (let t = 1; t <= 12; t++) {
        const lr = 0.05 / t;
        const G = normals(`gradient ${t}`, 6);
        await run.step({ w: G }, lr);
        W = W.map((w, i) => {
          const first = (m[i] = b1 * m[i]! + (1 - b1) * G[i]!);
          const second = (v[i] = b2 * v[i]! + (1 - b2) * G[i]! ** 2);
          const direction = first / (1 - b1 ** t) / (Math.sqrt(second / (1 - b2 ** t)) + eps);
          return w * (1 - lr * decay) - lr * direction;
        });
        expectAllClose(await run.read('w'), W, 1e-6);
      }
      run.dispose();
    });
  });
}
