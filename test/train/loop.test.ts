import { setTimeout as sleep } from 'node:timers/promises';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';
import { trainLoop, type LoopOptions, type LoopPosition } from '../../src/train/loop.js';
import type { EvaluationRow, StepRow } from '../../src/train/rows.js';
import type { StepReport, TrainingProgram } from '../../src/train/training-program.js';

const tokens = { train: Uint16Array.from({ length: 400 }, (_, i) => i % 50), val: new Uint16Array(100) };

const options: LoopOptions = {
  seed: 0,
  context: 4,
  shuffle: true,
  lr: 0.1,
  train: {
    steps: 7,
    batch_tokens: 16,
    microbatch_tokens: 8,
    eval_every: 3,
    eval_tokens: 16,
    log_every: 2,
    schedule: { name: 'linear', warmup_steps: 2, final_fraction: 0 },
    max_loss: null,
    checkpoint_every: null,
  },
  maxRefreshFailures: null,
  refreshAdvice: null,
  stopAt: null,
};

type Program = Pick<TrainingProgram, 'step' | 'evaluate' | 'inspect'>;

function fakeProgram(
  report: (step: number) => Partial<StepReport>,
  validation: (n: number) => number = () => 5,
): Program {
  let evaluations = 0;
  return {
    step: ({ number, lr }) =>
      Promise.resolve({ loss: 4, lr, gradNorm: 1, updateNorm: 0.1, gradientMs: 3, optimizerMs: 1, ...report(number) }),
    evaluate: () => Promise.resolve(validation(evaluations++)),
    inspect: () => Promise.resolve(undefined),
  };
}

async function record(
  program: Program,
  changes: Partial<LoopOptions> = {},
  signal = new AbortController().signal,
  from?: LoopPosition,
) {
  const positions: LoopPosition[] = [];
  const steps: { row: StepRow; logged: boolean }[] = [];
  const evaluations: EvaluationRow[] = [];
  const warnings: string[] = [];
  const sink = {
    warning: (line: string) => warnings.push(line),
    step: (row: StepRow, logged: boolean) => steps.push({ row, logged }),
    evaluation: (row: EvaluationRow) => evaluations.push(row),
    checkpoint: (position: LoopPosition) => {
      positions.push(position);
      return Promise.resolve();
    },
  };
  const outcome = await trainLoop(program, tokens, { ...options, ...changes }, sink, signal, from);
  return { outcome, steps, evaluations, warnings, positions };
}

describe('the training loop', () => {
  it('evaluates before the first step, on the grid and after the last step', async () => {
    const { outcome, evaluations } = await record(fakeProgram(() => ({})));
    expect(outcome).toEqual({ state: 'finished', step: 7 });
    expect(evaluations.map(({ step }) => step)).toEqual([0, 3, 6, 7]);
    expect(evaluations.map((row) => row.tokens)).toEqual([0, 48, 96, 112]);
  });

  it('marks every log_every-th step and the last one for the log', async () => {
    const { steps } = await record(fakeProgram(() => ({})));
    expect(steps.filter(({ logged }) => logged).map(({ row }) => row.step)).toEqual([2, 4, 6, 7]);
  });

  it('feeds the scheduled learning rate and the microbatches of a step', async () => {
    const seen: { lr: number; firsts: number[] }[] = [];
    const program: Program = {
      ...fakeProgram(() => ({})),
      step: ({ lr }, batches) => {
        seen.push({ lr, firsts: batches.map(({ inputs }) => inputs[0]!) });
        return Promise.resolve({ loss: 4, lr, gradNorm: 1, updateNorm: 0.1, gradientMs: 3, optimizerMs: 1 });
      },
    };
    await record(program);
    const expected = [0.05, 0.1, 0.08, 0.06, 0.04, 0.02, 0];
    seen.forEach(({ lr }, i) => {
      expect(lr).toBeCloseTo(expected[i]!, 12);
    });
    expect(seen.every(({ firsts }) => firsts.length === 2)).toBe(true);
    expect(new Set(seen.map(({ firsts }) => firsts.join())).size).toBeGreaterThan(4);
  });

  it('does not count evaluation as training time', async () => {
    const slowly = async (): Promise<number> => {
      await sleep(30);
      return 5;
    };
    const { evaluations } = await record({ ...fakeProgram(() => ({})), evaluate: slowly });
    const last = evaluations.at(-1)!;
    expect(last.eval_time_s).toBeGreaterThan(0.1);
    expect(last.train_time_s).toBeLessThan(last.eval_time_s / 4);
  });

  it.each([
    ['a loss that is not a number', { loss: NaN }, /loss is NaN at step 4/],
    ['an infinite gradient', { gradNorm: Infinity }, /gradient's norm is Infinity at step 4/],
    ['an update that is not a number', { updateNorm: NaN }, /update's norm is NaN at step 4/],
    ['a loss above the limit', { loss: 20 }, /loss 20\.000 at step 4 is above train\.max_loss 15/],
  ])('ends as diverged with %s, which is logged', async (_, bad, message) => {
    const train = { ...options.train, max_loss: 15, log_every: 100 };
    const { outcome, steps } = await record(
      fakeProgram((step) => (step === 4 ? bad : {})),
      { train },
    );
    expect(outcome.state).toBe('diverged');
    expect(outcome.message).toMatch(message);
    expect(steps.at(-1)).toMatchObject({ row: { step: 4 }, logged: true });
  });

  it('ends as diverged after more refreshes in a row failed than are allowed, and warns once', async () => {
    // Calls 2, 4 and 6 refresh; what lies between them does not break the row.
    const failing = fakeProgram((step) => ({ refreshFailures: step % 2 === 0 ? step : undefined }));
    const { outcome, steps, warnings } = await record(failing, { maxRefreshFailures: 2 });
    expect(outcome).toEqual({
      state: 'diverged',
      step: 6,
      message: 'refreshes failed 3 times in a row up to step 6, more than max_refresh_failures 2',
    });
    expect(steps.map(({ row }) => row.refresh_failures)).toEqual([0, 2, 2, 6, 6, 12]);
    expect(steps.at(-1)!.logged).toBe(true);
    expect(warnings).toEqual([expect.stringMatching(/^step 2: 2 of the optimizer's bases or roots/)]);
    const advised = await record(failing, { maxRefreshFailures: 2, refreshAdvice: 'Try a larger epsilon' });
    expect(advised.outcome.message).toMatch(/max_refresh_failures 2\. Try a larger epsilon$/);
  });

  it('goes on when a refresh succeeds in between, or when any number may fail', async () => {
    const program = () => fakeProgram((step) => ({ refreshFailures: step === 4 ? 0 : 1 }));
    const { outcome, steps } = await record(program(), { maxRefreshFailures: 3 });
    expect(outcome.state).toBe('finished');
    expect(steps.at(-1)!.row.refresh_failures).toBe(6);
    expect((await record(program(), { maxRefreshFailures: 2 })).outcome).toMatchObject({ state: 'diverged', step: 3 });
    expect((await record(program())).outcome.state).toBe('finished');
  });

  it('asks for the bases at evaluations, and writes NaN where there are none', async () => {
    const asked: number[] = [];
    const bases = { basis_error: 1e-6, off_diagonal_share: 0.1, smallest_eigenvalue: 1e-9 };
    const inspect = (steps: number) => {
      asked.push(steps);
      return Promise.resolve(steps < 6 ? undefined : bases);
    };
    const { evaluations } = await record({ ...fakeProgram(() => ({})), inspect });
    expect(asked).toEqual([0, 3, 6, 7]);
    expect(evaluations[1]).toMatchObject({ basis_error: NaN, off_diagonal_share: NaN, smallest_eigenvalue: NaN });
    expect(evaluations[2]).toMatchObject(bases);
  });

  it('ends as diverged when the validation loss is not a number', async () => {
    const { outcome } = await record(
      fakeProgram(
        () => ({}),
        (n) => (n === 1 ? NaN : 5),
      ),
    );
    expect(outcome).toMatchObject({ state: 'diverged', step: 3 });
  });

  it('stops at a target only when told to', async () => {
    const improving = () =>
      fakeProgram(
        () => ({}),
        (n) => 6 - n,
      );
    expect((await record(improving())).outcome.state).toBe('finished');
    expect((await record(improving(), { stopAt: 4 })).outcome).toMatchObject({ state: 'stopped_at_target', step: 6 });
  });

  it('finishes the step and ends when it is told to stop', async () => {
    const stop = new AbortController();
    const program = fakeProgram((step) => {
      if (step === 3) stop.abort();
      return {};
    });
    const { outcome, steps } = await record(program, {}, stop.signal);
    expect(outcome).toEqual({ state: 'interrupted', step: 3 });
    expect(steps).toHaveLength(3);
  });

  describe('checkpoints', () => {
    const train = { ...options.train, checkpoint_every: 2 };
    const plain = () => fakeProgram(() => ({}));

    it('come every so many steps and at the end, which they know', async () => {
      const { positions } = await record(plain(), { train });
      expect(positions.map(({ step, outcome }) => [step, outcome?.state])).toEqual([
        ...[2, 4, 6].map((step) => [step, undefined]),
        [7, 'finished'],
      ]);
      const every7 = await record(plain(), { train: { ...train, checkpoint_every: 7 } });
      expect(every7.positions).toHaveLength(1);
    });

    it('come at the end only without a number', async () => {
      const { positions } = await record(plain());
      expect(positions.map(({ step }) => step)).toEqual([7]);
    });

    it('come when training is stopped, once a step', async () => {
      const stoppedAfter = async (last: number) => {
        const stop = new AbortController();
        const program = fakeProgram((step) => {
          if (step === last) stop.abort();
          return {};
        });
        return (await record(program, { train }, stop.signal)).positions.map(({ step }) => step);
      };
      expect(await stoppedAfter(3)).toEqual([2, 3]);
      expect(await stoppedAfter(4)).toEqual([2, 4]);
    });

    it('are not made of a run that diverged', async () => {
      const program = fakeProgram((step) => (step === 4 ? { loss: NaN } : {}));
      expect((await record(program, { train })).positions.map(({ step }) => step)).toEqual([2]);
    });

    it.each([2, 4, 6])('let training go on after step %i with the same rows', async (at) => {
      // A refresh fails at every second step, three in a row at the end.
      const failing = () => fakeProgram((step) => ({ refreshFailures: step % 2 === 0 || step > 5 ? 1 : 0 }));
      const whole = await record(failing(), { train: { ...train, log_every: 1 } });
      const position = whole.positions.find(({ step }) => step === at)!;
      const rest = await record(failing(), { train: { ...train, log_every: 1 } }, undefined, position);
      const lasting = ({ row }: { row: StepRow }) => {
        const { step, tokens, loss, lr, refresh_failures } = row;
        return { step, tokens, loss, lr, refresh_failures };
      };
      expect(rest.steps.map(lasting)).toEqual(whole.steps.slice(at).map(lasting));
      expect(rest.evaluations.map(({ step }) => step)).toEqual([3, 6, 7].filter((step) => step > at));
      expect(rest.outcome).toEqual(whole.outcome);
      expect(rest.warnings).toEqual([]);
      expect(rest.steps[0]!.row.train_time_s).toBeGreaterThan(position.train_time_s);
      expect(rest.steps[0]!.row.eval_time_s).toBeGreaterThanOrEqual(position.eval_time_s);
    });

    it('remember how many refreshes have failed in a row', async () => {
      const failing = () => fakeProgram(() => ({ refreshFailures: 1 }));
      const { positions } = await record(failing(), { train });
      const { outcome } = await record(failing(), { train, maxRefreshFailures: 4 }, undefined, positions[1]);
      expect(outcome).toMatchObject({ state: 'diverged', step: 5 });
    });

    it('end where the loop had ended', async () => {
      const improving = () =>
        fakeProgram(
          () => ({}),
          (n) => 6 - n,
        );
      const { positions, outcome } = await record(improving(), { train, stopAt: 4 });
      expect(positions.at(-1)).toMatchObject({ step: 6, outcome: { state: 'stopped_at_target' } });
      const again = await record(improving(), { train, stopAt: 4 }, undefined, positions.at(-1));
      expect(again).toMatchObject({ outcome, steps: [], evaluations: [] });
    });
  });
});
