import type { Batch } from '../data/batches.js';
import { SoapBenchError } from '../errors.js';
import { median } from '../median.js';
import type { TrainingProgram } from './training-program.js';

/** Milliseconds of a gradient step with fused operations and without; null when the library cannot fuse. */
export interface XlaTrial {
  readonly on_ms: number | null;
  readonly off_ms: number;
}

/** Timed steps of each way, after one that is not. */
const trials = 5;

/**
 * Times the gradient step both ways in turns, on programs that are thrown away.
 * @param open Opens a program with initial weights.
 */
export async function xlaTrial(open: (fuse: boolean) => Promise<TrainingProgram>, batch: Batch): Promise<XlaTrial> {
  const off = await open(false);
  const on = await started(() => open(true), batch);
  try {
    await off.differentiate(batch);
    const times = { on: [] as number[], off: [] as number[] };
    for (let i = 0; i < trials; i++) {
      if (on) times.on.push(await milliseconds(() => on.differentiate(batch)));
      times.off.push(await milliseconds(() => off.differentiate(batch)));
    }
    return { on_ms: on ? median(times.on) : null, off_ms: median(times.off) };
  } finally {
    off.dispose();
    on?.dispose();
  }
}

export function isFaster({ on_ms, off_ms }: XlaTrial): boolean {
  return on_ms !== null && on_ms < off_ms;
}

/** The program after its first step, or undefined when TensorFlow refuses it. */
async function started(open: () => Promise<TrainingProgram>, batch: Batch): Promise<TrainingProgram | undefined> {
  const program = await open();
  try {
    await program.differentiate(batch);
    return program;
  } catch (error) {
    program.dispose();
    if (error instanceof SoapBenchError && error.code === 'step_failed') return undefined;
    throw error;
  }
}

async function milliseconds(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
