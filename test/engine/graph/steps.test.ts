import { grads, memory, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { EagerProgram } from '../../../src/engine/eager.js';
import type { Engine, Program } from '../../../src/engine/engine.js';
import { compile } from '../../../src/engine/graph/compile.js';
import { sizeOf } from '../../../src/engine/engine.js';
import { State } from '../../../src/engine/graph/state.js';
import { modelSchema } from '../../../src/model/config.js';
import { lossTerms } from '../../../src/model/cross-entropy.js';
import { gptLogits } from '../../../src/model/gpt.js';
import { modelParameters } from '../../../src/model/parameters.js';
import { createOptimizer, optimizerNames } from '../../../src/optim/registry.js';
import { trainingState, updateSignature, updateStep } from '../../../src/train/steps.js';
import { TrainingProgram } from '../../../src/train/training-program.js';
import { rows } from '../../conformance/rows.js';
import { expectAllClose } from '../../support/allclose.js';
import { matrixInfo, vectorInfo } from '../../support/optimizer-run.js';
import { normals, wholes } from '../../support/random.js';
import { describeCompiled } from './support.js';

const parameters = [
  matrixInfo(6, 4),
  vectorInfo(5),
  { name: 'embed', shape: [9, 3], role: 'embedding' as const },
  { name: 'head', shape: [9, 3], role: 'head' as const },
];

await describeCompiled((engine) => {
  describe.each(optimizerNames)('an update of %s', (name) => {
    it.each(rows[name].phases)('in phase %s is the eager one, from the same state', async (phase) => {
      const optimizer = createOptimizer(name, rows[name].options, parameters);
      const shapes = trainingState(parameters, optimizer);
      const results = [];
      for (const open of [eagerOpen, engine.open.bind(engine)] satisfies Engine['open'][]) {
        const program = open(shapes);
        for (const [entry, shape] of Object.entries(shapes)) program.write(entry, startOf(entry, shape));
        const step = await program.compile(
          updateStep(parameters, optimizer, { phase, gradClip: 1 }),
          updateSignature(optimizer),
        );
        const outputs = await step(optimizer.scalars({ number: 7, lr: 0.01 }));
        const state: Record<string, Float32Array> = {};
        for (const entry of Object.keys(shapes)) state[entry] = await program.read(entry);
        program.dispose();
        results.push({ ...outputs, ...state });
      }
      const [expected, actual] = results;
      expect(Object.keys(actual!)).toEqual(Object.keys(expected!));
      for (const [entry, values] of Object.entries(expected!)) {
        const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
        expectAllClose(actual![entry]!, values, 2e-4 * largest);
      }
    });
  });

  it('are loaded once when they are prepared before the first', async () => {
    const model = modelSchema.parse({ n_layer: 1, d_model: 8, n_head: 2, context: 4 });
    const all = modelParameters(model, 11);
    const optimizer = createOptimizer('soap', rows.soap.options, all);
    const opened = async () => {
      const program = await TrainingProgram.open(engine, {
        model,
        parameters: all,
        optimizer,
        sequences: 2,
        microbatches: 1,
        gradClip: 1,
      });
      program.initialize(all, 1);
      return program;
    };
    const batch = { inputs: wholes('in', 8, 11), targets: wholes('out', 8, 11) };
    const loads = vi.spyOn(State.prototype, 'moveTo');
    const losses = [];
    for (const prepared of [6, 0]) {
      loads.mockClear();
      const program = await opened();
      await program.prepare(prepared);
      const reports = [];
      for (let number = 1; number <= 6; number++) reports.push(await program.step({ number, lr: 0.01 }, [batch]));
      losses.push(reports.map(({ loss, updateNorm }) => [loss, updateNorm]));
      // Unprepared, each of three phases comes as a surprise.
      expect(loads).toHaveBeenCalledTimes(prepared === 6 ? 1 : 3);
      program.dispose();
    }
    expect(losses[0]).toEqual(losses[1]);
    loads.mockRestore();
  });

  describe('the gradient of a language model', () => {
    it.each([
      {},
      { qk_norm: false, positions: 'learned' },
      { tie_embeddings: true, fused_qkv: false, z_loss: 0.1 },
      { context: 24, n_head: 1 },
    ])('is the eager one with %o', (options) => {
      const model = modelSchema.parse({ n_layer: 1, d_model: 8, n_head: 2, context: 6, ...options });
      const all = modelParameters(model, 11);
      const tokens = (label: string) => wholes(label, 3 * model.context, 11);
      const loss = (inputs: Tensor, targets: Tensor, weights: Tensor[]) =>
        lossTerms(gptLogits(model, Object.fromEntries(all.map(({ name }, i) => [name, weights[i]!])), inputs), targets)
          .crossEntropy;
      const gradient = (inputs: Tensor, targets: Tensor, ...weights: Tensor[]) =>
        grads((...xs: Tensor[]) => loss(inputs, targets, xs))(weights);
      const before = memory().numTensors;
      const compiled = compile(
        gradient,
        [{ shape: [3, model.context], dtype: 'int32' }, { shape: [3 * model.context], dtype: 'int32' }, ...all],
        { fuseFrom: 1 },
      );
      expect(memory().numTensors).toBe(before);
      tidy(() => {
        const weights = all.map(({ name, shape }) => tensor(normals(name, sizeOf(shape)), [...shape]));
        const inputs = tensor(tokens('inputs'), [3, model.context], 'int32');
        const targets = tensor(tokens('targets'), [3 * model.context], 'int32');
        const expected = gradient(inputs, targets, ...weights);
        for (const [i, actual] of compiled(inputs, targets, ...weights).entries()) {
          expectAllClose(actual.dataSync(), expected[i]!.dataSync(), 1e-5);
        }
      });
      compiled.dispose();
    });
  });
});

function eagerOpen(shapes: ConstructorParameters<typeof EagerProgram>[0]): Program {
  return new EagerProgram(shapes);
}

/** Something in every entry of the state: factors are symmetric and positive, second moments positive. */
function startOf(entry: string, shape: readonly number[]): Float32Array {
  const values = normals(entry, sizeOf(shape));
  const slot = entry.split('/')[1];
  if (slot === 'v') return values.map((x) => x * x + 0.01);
  if (slot === undefined || !/^(L|R|PL|PR|QL|QR)$/.test(slot)) return values;
  const [n] = shape as [number];
  // Eigenvalues far apart, so that bases are well determined.
  return values.map((x, i) => {
    const [row, column] = [Math.floor(i / n), i % n];
    if (slot.startsWith('Q')) return row === column ? 1 : 0;
    return row === column ? 1 + 2 * row : 0.1 * (x + values[column * n + row]!);
  });
}
