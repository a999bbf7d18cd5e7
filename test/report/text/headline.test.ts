import { describe, it, expect } from 'vitest';
import { headline } from '../../../src/report/text/headline.js';
import { summarize } from '../../../src/analysis/summary.js';
import { readStudy } from '../../../src/results/study.js';
import { experimentDirectory, type ExperimentSketch, type RunSketch } from '../helpers.js';

const steps = 40;
const everyStep = (ms: number) => Array.from({ length: steps }, () => ms);
const adamw: RunSketch = {
  losses: [
    [0, 7],
    [20, 6],
    [40, 5],
  ],
  stepMs: everyStep(100),
};

/** Reaches 5 at this step. */
const reachesAt = (step: number, stepMs: number): RunSketch => ({
  losses: [
    [0, 7],
    [step, 5],
    [40, 4.9],
  ].slice(0, step === 40 ? 2 : 3) as [number, number][],
  stepMs: everyStep(stepMs),
});

function said(runs: Record<string, RunSketch>, rest: Partial<ExperimentSketch> = {}): string {
  return headline(
    summarize(readStudy(experimentDirectory({ steps, runs, baseline: 'adamw', ...rest }))).comparisons[0]!,
  );
}

describe('headline', () => {
  it('names the optimizer with the fewest iterations', () => {
    expect(said({ adamw, shampoo: reachesAt(32, 100), soap: reachesAt(20, 130) })).toBe(
      "soap reached adamw's final loss (5.000) in 0.50× the iterations and 0.65× the training time (1 seed).",
    );
  });

  it('says when iterations were saved and time was not, and who saved time', () => {
    expect(said({ adamw, soap: reachesAt(20, 300) })).toBe(
      "soap reached adamw's final loss (5.000) in 0.50× the iterations but 1.50× the training time (1 seed).",
    );
    expect(said({ adamw, shampoo: reachesAt(32, 100), soap: reachesAt(20, 300) })).toMatch(
      / 1.50× the training time \(1 seed\)\. shampoo was faster in training time: 0\.80×\.$/,
    );
  });

  it('compares nothing where the untrained model is at the target already', () => {
    const met = said({ adamw, soap: reachesAt(20, 100) }, { target: 7.5 });
    expect(met).toMatch(
      /^The untrained model is at a validation loss of 7\.5 already, so nothing can be compared there\./,
    );
    // Also where only one of them was so by chance.
    const lower: RunSketch = {
      losses: [
        [0, 6.9],
        [40, 5],
      ],
      stepMs: everyStep(100),
    };
    expect(said({ adamw, soap: lower }, { target: 6.95 })).toBe(met.replace('7.5', '6.95'));
  });

  it('is silent about time when runs shared the machine', () => {
    const soap = { ...reachesAt(20, 50), status: { shared_machine: true } };
    expect(said({ adamw, soap })).toBe("soap reached adamw's final loss (5.000) in 0.50× the iterations (1 seed).");
    const slow = { ...reachesAt(40, 50), status: { shared_machine: true } };
    expect(said({ adamw, soap: slow })).toMatch(/came closest: 1.00× the iterations \(1 seed\)\.$/);
    const missed = { ...adamw, losses: [[0, 7]] as [number, number][] };
    expect(said({ adamw: missed, soap }, { target: 5 })).toMatch(/after 20 iterations; the baseline adamw did not/);
  });

  it('claims no win that rounds to none', () => {
    expect(said({ adamw, soap: reachesAt(40, 150) })).toBe(
      "No optimizer reached adamw's final loss (5.000) in fewer iterations than adamw; soap came closest: " +
        '1.00× the iterations, 1.50× the training time (1 seed).',
    );
  });

  it('says when nobody reached it, and who came closest', () => {
    expect(said({ adamw, shampoo: { losses: [[40, 5.2]] }, soap: { losses: [[40, 5.1]] } })).toBe(
      "No other optimizer reached adamw's final loss (5.000) in 40 iterations; soap came closest with 5.100 (1 seed).",
    );
    const status = { state: 'diverged', step: 30 } as const;
    expect(said({ adamw, soap: { losses: [[10, 4]], status } })).toBe(
      "No other optimizer reached adamw's final loss (5.000) in 40 iterations (1 seed).",
    );
    expect(said({ adamw, soap: reachesAt(20, 130) }, { target: 3 })).toBe(
      'No optimizer reached a validation loss of 3 in 40 iterations; soap came closest with 4.900 (1 seed).',
    );
    expect(said({ adamw, soap: { losses: [[40, 5.1]] } }, { target: 5 })).toBe(
      'No other optimizer than adamw reached a validation loss of 5 in 40 iterations; soap came closest with 5.100 (1 seed).',
    );
  });

  it('compares at a number, with the baseline or without it', () => {
    expect(said({ adamw, soap: reachesAt(20, 100) }, { target: 6 })).toBe(
      'soap reached a validation loss of 6 in 0.50× the iterations and 0.50× the training time of adamw (1 seed).',
    );
    expect(said({ adamw, soap: reachesAt(20, 100) }, { target: 4.9 })).toBe(
      'soap reached a validation loss of 4.9 after 40 iterations and 4.0 s of training; ' +
        'the baseline adamw did not reach it (1 seed).',
    );
  });

  it('has nothing to compare without a target', () => {
    const status = { state: 'diverged', step: 3 } as const;
    expect(said({ adamw: { losses: [[0, 7]], status }, soap: reachesAt(20, 130) })).toBe(
      'No target to compare at: the baseline adamw diverged at step 3. `soap-bench compare DIR --target LOSS` takes another.',
    );
  });

  it('has nothing to compare with when there is one optimizer', () => {
    const nothing = '(1 seed); there is no other optimizer to compare it with.';
    expect(said({ adamw })).toBe(`adamw ended at a validation loss of 5.000 ${nothing}`);
    expect(said({ adamw }, { target: 4 })).toBe(`adamw did not reach a validation loss of 4 ${nothing}`);
    expect(said({ adamw }, { target: 6 })).toBe(`adamw reached a validation loss of 6 after 20 iterations ${nothing}`);
  });

  it('says that runs are still to come', () => {
    expect(said({ adamw, soap: reachesAt(20, 130), shampoo: { notStarted: true } })).toMatch(/^So far: soap reached /);
  });
});
