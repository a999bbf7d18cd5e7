import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { SoapBenchError } from '../../src/errors.js';
import type { RunStatus } from '../../src/results/status.js';
import type { EvaluationRow } from '../../src/train/rows.js';

export const batchTokens = 100;
export const metricsHeader =
  'step,tokens,split,loss,lr,grad_norm,update_norm,step_ms,optimizer_share,train_time_s,eval_time_s,tensors,rss_bytes';
export const evalHeader = 'step,tokens,split,loss,train_time_s,eval_time_s';

/** What a test says of a run; the rest is filled in. */
export interface RunSketch {
  optimizer?: string;
  lr?: number;
  /** Validation losses, `[step, loss]`; an inf or a nan is written as the words. */
  losses?: [step: number, loss: number][];
  /** Milliseconds of each step; the training clock of the evaluations adds them up. */
  stepMs?: number[];
  status?: Partial<RunStatus>;
  /** Nothing of this run has been written yet. */
  notStarted?: boolean;
  device?: string;
}

export interface ExperimentSketch {
  steps: number;
  runs: Record<string, RunSketch>;
  baseline?: string;
  target?: number | 'baseline_final';
}

/** Writes an experiment's directory as `soap-bench run` does, removed when the test ends. */
export function experimentDirectory({ steps, runs, baseline, target }: ExperimentSketch): string {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-report-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const directory = join(folder, 'results', 'demo', '20250131-120000');
  mkdirSync(join(directory, 'runs'), { recursive: true });
  const optimizers = Object.entries(runs).map(([label, { optimizer = label, lr = 0.003 }]) => [
    label,
    { optimizer, lr },
  ]);
  const config = {
    name: 'demo',
    model: { n_layer: 1, d_model: 4, n_head: 1, context: 10 },
    data: { corpus: 'sotu', tokenizer: 'byte' },
    train: { steps, batch_tokens: batchTokens, eval_every: 10, eval_tokens: 100 },
    ...(baseline === undefined ? {} : { baseline }),
    ...(target === undefined ? {} : { target }),
    optimizers: Object.fromEntries(optimizers) as unknown,
  };
  writeFileSync(join(directory, 'config.yaml'), stringify(config));
  for (const [label, run] of Object.entries(runs)) {
    if (run.notStarted !== true) writeRun(join(directory, 'runs', label), run, steps);
  }
  return directory;
}

export function writeRun(
  folder: string,
  { losses = [], stepMs = [], status, device = 'a CPU' }: RunSketch,
  steps: number,
) {
  mkdirSync(folder);
  const seconds = [0];
  for (const ms of stepMs) seconds.push(seconds.at(-1)! + ms / 1000);
  const metrics = stepMs.map((ms, index) => {
    const step = index + 1;
    return `${step},${step * batchTokens},train,5,0.003,1,0.1,${ms},0.25,${seconds[step]},0,10,1000`;
  });
  const evals = losses.map(([step, loss]) => {
    const text = Number.isFinite(loss) ? String(loss) : Number.isNaN(loss) ? 'nan' : 'inf';
    return `${step},${step * batchTokens},val,${text},${seconds[step] ?? step / 10},${step / 100}`;
  });
  const write = (file: string, text: string) => {
    writeFileSync(join(folder, file), text);
  };
  write('config.yaml', '{}\n');
  write('metrics.csv', [metricsHeader, ...metrics, ''].join('\n'));
  write('eval.csv', [evalHeader, ...evals, ''].join('\n'));
  write('status.json', JSON.stringify({ ...finished(steps), ...status }));
  write('environment.json', JSON.stringify({ ...environment, device }));
}

const environment = {
  soap_bench: '0.1.0',
  git_commit: null,
  git_dirty: null,
  engine: 'cpu',
  engine_version: '4.22.0',
  threads: 1,
};

function finished(steps: number): RunStatus {
  return {
    state: 'finished',
    step: steps,
    steps,
    parameters: 1234,
    non_embedding_parameters: 1000,
    state_bytes: 3_400_000,
    started_at: '2025-01-31T12:00:00.000Z',
    ended_at: '2025-01-31T12:01:00.000Z',
  };
}

/** Evaluations as a run writes them; training takes a second a step. */
export function evaluations(...points: [step: number, loss: number][]): EvaluationRow[] {
  return points.map(([step, loss]) => {
    return { step, tokens: step * batchTokens, split: 'val', loss, train_time_s: step, eval_time_s: 0 };
  });
}

/** The SoapBenchError that an action ends with; anything else fails the test. */
export function failureOf(action: () => unknown): SoapBenchError {
  try {
    action();
  } catch (error) {
    if (error instanceof SoapBenchError) return error;
    throw error;
  }
  throw new Error('the action succeeded');
}

/** A smooth curve from ln 1024 down to about `end`, evaluated every ten of 200 steps; the same on every machine. */
export function realisticLosses(end: number, speed: number, last = 200): [number, number][] {
  return Array.from({ length: last / 10 + 1 }, (_, i) => {
    const wobble = 0.01 * Math.sin(i * 1.7 + end);
    const loss = end + (6.93 - end) * Math.exp(-i * speed) + wobble;
    return [10 * i, Number(loss.toFixed(4))];
  });
}

/** Three optimizers as quickstart trains them. */
export function quickstartSketch(): ExperimentSketch {
  const times = (plain: number, refresh: number) =>
    Array.from({ length: 200 }, (_, i) => (i === 0 ? 900 : i % 10 === 9 ? refresh : plain));
  return {
    steps: 200,
    runs: {
      adamw: { losses: realisticLosses(4.8, 0.14), stepMs: times(120, 120), status: { state_bytes: 3_412_992 } },
      shampoo: { losses: realisticLosses(4.74, 0.16), stepMs: times(135, 390), status: { state_bytes: 7_012_992 } },
      soap: { losses: realisticLosses(4.6, 0.2), stepMs: times(140, 290), status: { state_bytes: 10_212_992 } },
    },
  };
}
