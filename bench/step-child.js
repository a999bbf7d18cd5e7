import { performance } from 'node:perf_hooks';
import { parameterCounts } from '../dist/model/parameters.js';
import { batchSource } from './batches.js';
import { learningRate, modelFlops } from './cases.js';
import { productGflops } from './ceilings.js';
import { answer } from './child.js';
import { openCase } from './open-case.js';
import { provenanceOf } from './provenance.js';
import { mean, rounded, upperMedian } from './statistics.js';

/** @import { CaseRequest } from './open-case.js' */

/**
 * Times our training step. As in the peer, drawing a batch and reading the loss are part of a step.
 * @param {CaseRequest} request
 */
async function measureStep(request) {
  const { steps, precision } = request;
  const { size, engine, parameters, program, warmup } = await openCase(request);
  const drawBatch = batchSource(size);
  let call = 0;
  const timedStep = async () => {
    const start = performance.now();
    const { loss } = await program.step({ number: ++call, lr: learningRate }, [drawBatch()]);
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss} at step ${call}`);
    return performance.now() - start;
  };
  for (let i = 0; i < warmup; i++) await timedStep();
  const times = [];
  for (let i = 0; i < steps; i++) times.push(await timedStep());
  const peakRss = process.resourceUsage().maxRSS;

  const total = parameterCounts(parameters).total;
  const gflops = modelFlops(size, total) / mean(times) / 1e6;
  const ceiling = await productGflops(engine, size.matmul, precision);
  return {
    ...provenanceOf(engine),
    compiled: engine.compiled,
    parameters: total,
    tokens: size.sequences * size.context,
    median_ms: rounded(upperMedian(times), 2),
    mean_ms: rounded(mean(times), 2),
    model_gflops: rounded(gflops, 1),
    ceiling_gflops: rounded(ceiling, 1),
    ceiling_share: rounded(gflops / ceiling, 3),
    peak_rss_mib: Math.floor(peakRss / 1024),
  };
}

await answer(measureStep);
