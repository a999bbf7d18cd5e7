import { SoapBenchError } from '../../src/errors.js';
import type { TimedCall } from '../../src/step-time/timed-calls.js';
import { stepTimeRow } from '../../src/step-time/summarize-rounds.js';
import { writeStepTimes } from '../../src/results/step-times-csv.js';
import { timedSettings } from '../../src/step-time/timed-settings.js';
import type { TimedRound } from '../../src/step-time/time-setting.js';

/** A round of a setting: each call a step's milliseconds, of which 2 are the optimizer's; a refresh is marked by `R`. */
export function roundOf(steps: string, changes: Partial<TimedRound> = {}): TimedRound {
  const calls = steps.split(' ').map((text): TimedCall => {
    const step_ms = Number.parseFloat(text);
    const refreshes = text.endsWith('R');
    return { step_ms, gradient_ms: 8, optimizer_ms: step_ms - 8, refreshes };
  });
  return {
    calls,
    busy: 0,
    parameters: 100,
    peak_rss_bytes: 5000,
    gradient_graph_flops: 600,
    optimizer_graph_flops: 60,
    cost: {
      optimizer: 'any',
      state_bytes: 800,
      paper_state_bytes: 400,
      flops: 100,
      matmul_flops: 60,
      decomposition_flops: 30,
      elementwise_flops: 10,
      flops_over_adamw: 95,
      paper_flops_over_adamw: 70,
    },
    engine: 'tensorflow 2.21.0',
    device: 'a CPU, 2 threads',
    threads: 2,
    cpu: 'a CPU',
    cores: 2,
    commit: 'abcdef0123',
    measured_at: '2025-01-31T12:00:00.000Z',
    ...changes,
  };
}

/** The SoapBenchError that a promise ends with; anything else fails the test. */
export async function failureOf(promise: Promise<unknown>): Promise<SoapBenchError> {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof SoapBenchError) return error;
  throw error;
}

/**
 * Writes step_times.csv of a folder: calls as in {@link roundOf}, several rounds with `|` between them, by the settings'
 * titles; those left out are not there.
 */
export function writeTimes(folder: string, steps: Readonly<Record<string, string>>): void {
  const rows = timedSettings(folder).flatMap((setting) => {
    const [first, ...others] = (steps[setting.setting]?.split('|') ?? []).map((calls) => roundOf(calls.trim()));
    return first === undefined ? [] : [stepTimeRow(setting, [first, ...others])];
  });
  writeStepTimes(folder, rows);
}
