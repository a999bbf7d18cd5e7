import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import { SoapBenchError } from '../errors.js';
import type { Engine } from './engine.js';

/** Returns true if the library can compile fused operations, by compiling a small one. The answer depends on the machine only. */
export async function canFuse(engine: Engine): Promise<boolean> {
  if (!engine.compiled) return false;
  const program = engine.open({});
  try {
    const step = await program.compile(
      (_, { x }) => ({ state: {}, outputs: { y: mulAdd(x!) } }),
      { x: { shape: [2], dtype: 'float32' } },
      { fuseFrom: 1 },
    );
    await step({ x: Float32Array.of(1, 2) });
    return true;
  } catch (error) {
    if (error instanceof SoapBenchError && error.code === 'step_failed') return false;
    throw error;
  } finally {
    program.dispose();
  }
}

/** Two operations, the fewest that can be fused. */
function mulAdd(x: Tensor): Tensor {
  return add(mul(x, x), x);
}
