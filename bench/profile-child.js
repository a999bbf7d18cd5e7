import { batchSource } from './batches.js';
import { learningRate } from './cases.js';
import { passBandwidth, productGflops } from './ceilings.js';
import { answer } from './child.js';
import { openCase } from './open-case.js';
import { provenanceOf } from './provenance.js';
import { median, rounded } from './statistics.js';

/**
 * @import { Work } from '../dist/engine/engine.js'
 * @import { CaseRequest } from './open-case.js'
 */

/**
 * Counts what a step's graphs consist of and times its phases: the gradient, the update, the update with a refresh.
 * @param {CaseRequest} request Whole periods of steps.
 */
async function profile(request) {
  const { steps, precision } = request;
  const { size, engine, optimizer, program, warmup } = await openCase(request);
  const drawBatch = batchSource(size);

  /** @type {Map<string, { number: number, ms: number[] }>} */
  const updates = new Map();
  /** @type {number[]} */
  const gradientMs = [];
  for (let number = 1; number <= warmup + steps; number++) {
    const report = await program.step({ number, lr: learningRate }, [drawBatch()]);
    if (number <= warmup) continue;
    gradientMs.push(report.gradientMs);
    const phase = optimizer.phaseAt(number);
    const update = updates.get(phase) ?? { number, ms: [] };
    update.ms.push(report.optimizerMs);
    updates.set(phase, update);
  }

  const phases = [];
  for (const [phase, { number, ms }] of updates) {
    const work = await program.work(number);
    if (work === undefined) throw new Error(`${engine.name} does not compile its steps: there is nothing to count`);
    if (phases.length === 0) phases.push(phaseOf('gradient', gradientMs, 1, work.gradient));
    const share = ms.length / steps;
    phases.push(phaseOf(`update, ${phase}`, ms, share, work.update));
  }
  return {
    ...provenanceOf(engine),
    ceiling_gflops: rounded(await productGflops(engine, size.matmul, precision), 1),
    bandwidth_gib_s: rounded(await passBandwidth(engine), 2),
    phases,
  };
}

/**
 * @param {string} phase
 * @param {readonly number[]} ms
 * @param {number} share Of the steps that have it.
 * @param {readonly Work[]} work
 */
function phaseOf(phase, ms, share, work) {
  const rows = work.map(({ kind, op, shape, count, flops, bytes }) => ({
    kind,
    op,
    shape: shape.join('×'),
    count,
    gflop: rounded(flops / 1e9, 6),
    mib: rounded(bytes / 2 ** 20, 4),
  }));
  return { phase, share, phase_ms: rounded(median(ms), 2), rows };
}

await answer(profile);
