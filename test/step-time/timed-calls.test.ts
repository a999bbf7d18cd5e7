import { describe, expect, it } from 'vitest';
import { modelParameters } from '../../src/model/parameters.js';
import { createOptimizer, type OptimizerName } from '../../src/optim/registry.js';
import { planCalls, timeCalls } from '../../src/step-time/timed-calls.js';
import type { StepReport } from '../../src/train/training-program.js';
import { failureOf } from './rounds.js';

const model = { n_layer: 1, d_model: 8, n_head: 2, context: 4 };
const shape = {
  ...model,
  qk_norm: true,
  positions: 'rope',
  tie_embeddings: false,
  fused_qkv: true,
  z_loss: 0,
} as const;
const parameters = modelParameters(shape, 16);
const optimizerOf = (name: OptimizerName, options: object = {}) => createOptimizer(name, options, parameters);

describe('the calls that are timed', () => {
  it.each([
    ['adamw', undefined, 20, 0],
    ['soap', 1, 20, 20],
    ['soap', 10, 20, 2],
    ['soap', 100, 100, 1],
    ['shampoo', 7, 21, 3],
    ['galore', 25, 25, 1],
    ['kron', 5, 20, 4],
  ] as const)('of %s at a refresh every %s calls are whole periods', async (name, period, count, refreshes) => {
    const optimizer = optimizerOf(name, period === undefined ? {} : { precondition_frequency: period });
    const plan = planCalls(optimizer, period ?? 1);
    const calls = await timeCalls(programOf({}), optimizer, plan, () => []);
    expect(calls).toHaveLength(count);
    expect(calls.filter((call) => call.refreshes)).toHaveLength(refreshes);
  });

  it('come after the first call of every phase, in which first bases are made', () => {
    const phases = (optimizer: ReturnType<typeof optimizerOf>) =>
      planCalls(optimizer, 10).warmUp.map((call) => optimizer.phaseAt(call));
    const soap = phases(optimizerOf('soap', { start_preconditioning_step: 40, skip_first_update: false }));
    expect(soap.slice(0, 4)).toEqual(['identity', 'first', 'plain', 'refresh']);
    expect(phases(optimizerOf('shampoo')).slice(0, 3)).toEqual(['graft', 'refresh', 'plain']);
    expect(phases(optimizerOf('adamw'))).toHaveLength(11);
  });

  it('are made with a batch of their own each, and with what the program says of gradient and update', async () => {
    const optimizer = optimizerOf('soap');
    const numbers: number[] = [];
    const steps: number[] = [];
    const program = programOf({ gradientMs: 3, optimizerMs: 2 }, numbers);
    const plan = planCalls(optimizer, 10);
    const calls = await timeCalls(program, optimizer, plan, (step) => {
      steps.push(step);
      return [];
    });
    expect(numbers).toEqual([...plan.warmUp, ...plan.timed]);
    expect(steps).toEqual(numbers.map((_, index) => index + 1));
    expect(calls.every(({ gradient_ms, optimizer_ms }) => gradient_ms === 3 && optimizer_ms === 2)).toBe(true);
  });

  it('are not timed without a loss', async () => {
    const optimizer = optimizerOf('adamw');
    const error = await failureOf(timeCalls(programOf({ loss: NaN }), optimizer, planCalls(optimizer, 1), () => []));
    expect(error).toMatchObject({ code: 'timing_failed', message: 'the loss is NaN at step 1: its time says nothing' });
  });
});

function programOf(report: Partial<StepReport>, numbers: number[] = []) {
  return {
    step: ({ number }: { number: number }) => {
      numbers.push(number);
      return Promise.resolve({
        loss: 4,
        lr: 0,
        gradNorm: 1,
        updateNorm: 0.1,
        gradientMs: 1,
        optimizerMs: 1,
        ...report,
      });
    },
  };
}
