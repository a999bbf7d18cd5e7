import { asExperiment, type RunConfig } from '../config/run-config.js';
import { openPrepared } from '../data/prepare.js';
import { parameterCounts } from '../model/parameters.js';
import { packageVersion } from '../own-package.js';
import { EventFile } from './tensorboard/event-file.js';
import { trainLoop, type LoopOutcome } from '../train/loop.js';
import type { CheckpointRecord } from '../results/checkpoint.js';
import { checkpointShapes, checkpointValues } from './checkpoint-tensors.js';
import type { RunDirectory } from '../results/directory.js';
import { describeEnvironment } from '../results/environment.js';
import { findCheckpoint, restore } from './go-on.js';
import type { RunMessage } from './messages.js';
import { planOpening } from './open-program.js';
import { openTraining, type Training } from './open-training.js';
import { readRun } from '../results/read-run.js';
import { assertSameEngine } from '../results/same-run.js';
import type { RunStatus } from '../results/status.js';
import { watchOthers } from './others-share.js';

/** What a run trains on, and beside how many. */
export interface RunPlace {
  /** Folder of the prepared tokens. */
  readonly dataset: string;
  /** Runs that are trained on this machine at once. */
  readonly jobs: number;
}

/**
 * Trains one run in this process and writes its directory, from the newest checkpoint on if there is one.
 */
export async function executeRun(
  config: RunConfig,
  directory: RunDirectory,
  { dataset, jobs }: RunPlace,
  tell: (message: RunMessage) => void,
  signal: AbortSignal,
): Promise<LoopOutcome> {
  const { model, train, target } = config;
  const warn = (line: string) => {
    tell({ type: 'warning', line });
    // Standard error is the run's log.
    process.stderr.write(`${line}\n`);
  };
  const data = await openPrepared(dataset, config.data);
  const checkpoint = findCheckpoint(directory, config, data.manifest.fingerprint, warn);
  const from = checkpoint?.record;
  const training = await openTraining(config, data, {
    jobs,
    threadsBefore: from?.engine.threads,
    onFallback(line) {
      tell({ type: 'fallback', line });
    },
  });
  const { parameters, optimizer, engine } = training;
  const { name: engineName, device, version, compiled } = engine;
  tell({ type: 'engine', engine: engineName, device, version, compiled });
  const change = from && assertSameEngine(from.engine, engine);
  if (change !== undefined) warn(change);

  const earlier = from && directory.readStatus();
  const base: RunStatus = {
    state: 'running',
    step: from?.step ?? 0,
    steps: train.steps,
    ...sizeAndCost(training),
    // Once in company, a run's clocks no longer say how fast it is.
    shared_machine: jobs > 1 || earlier?.shared_machine === true ? true : undefined,
    resumed_from: from && [...(earlier?.resumed_from ?? []), from.step],
    pid: process.pid,
    started_at: earlier?.started_at ?? new Date().toISOString(),
  };
  directory.writeStatus(base);

  const opening = await planOpening(engine, config, training, from?.engine.xla);
  const { xla } = opening;
  if (from === undefined) {
    directory.writeEnvironment({
      ...describeEnvironment(engine),
      precision: config.precision,
      xla,
    });
  }
  const { program, startup } = await opening.open(train.steps);
  if (startup !== undefined) directory.writeStartup(startup);
  const shapes = checkpointShapes(parameters, optimizer);
  if (checkpoint !== undefined) restore(program, checkpoint, shapes);

  const metrics = directory.openMetrics(from?.metrics_bytes ?? 0);
  const evaluations = directory.openEvaluations(from?.eval_bytes ?? 0);
  const events = config.tensorboard
    ? EventFile.open(directory.path, { ...readRun(directory.path), startedAt: base.started_at })
    : undefined;
  const sync = () => {
    metrics.sync();
    evaluations.sync();
    events?.sync();
  };
  const othersShare = watchOthers();
  const busy = () => Math.max(earlier?.busy ?? 0, othersShare());
  try {
    const outcome = await trainLoop(
      program,
      data,
      {
        seed: config.seed,
        context: model.context,
        shuffle: config.data.shuffle,
        lr: config.options.lr,
        train: optimizer.constantRate ? { ...train, schedule: { name: 'constant', warmup_steps: 0 } } : train,
        maxRefreshFailures: optimizer.maxRefreshFailures,
        refreshAdvice: optimizer.refreshAdvice,
        stopAt: train.stop_at_target && typeof target === 'number' ? target : null,
      },
      {
        step(row, logged) {
          if (logged) {
            metrics.append(row);
            events?.append(row);
          }
          tell({ type: 'step', row });
        },
        evaluation(row) {
          evaluations.append(row);
          events?.append(row);
          sync();
          directory.writeStatus({ ...base, busy: busy(), step: row.step });
          tell({ type: 'evaluation', row });
        },
        warning: warn,
        async checkpoint(position) {
          // A checkpoint promises the rows before it.
          sync();
          const record: CheckpointRecord = {
            format: 1,
            ...position,
            tokens: position.step * train.batch_tokens,
            microbatches: (position.step * train.batch_tokens) / train.microbatch_tokens,
            metrics_bytes: metrics.bytes,
            eval_bytes: evaluations.bytes,
            metrics_sha256: metrics.sha256,
            eval_sha256: evaluations.sha256,
            soap_bench: packageVersion(),
            engine: { name: engineName, version, device, threads: engine.threads, compiled, xla },
            dataset: data.manifest.fingerprint,
            config: { ...asExperiment(config) },
          };
          const values = await checkpointValues(program, optimizer);
          await directory.checkpoints.save(record, { ...shapes, ...values }, train.keep_checkpoints);
        },
      },
      signal,
      from,
    );
    const { state, message } = outcome;
    const ended_at = new Date().toISOString();
    directory.writeEnding({ ...base, busy: busy(), state, step: outcome.step, message, ended_at });
    return outcome;
  } finally {
    metrics.close();
    evaluations.close();
    events?.close();
    // The program is left to the end of the process, which comes next and takes its memory along.
  }
}

/** The size of the model and what its optimizer costs, as status.json has them. */
function sizeAndCost({ parameters, cost }: Training): Partial<RunStatus> {
  const { total, nonEmbedding } = parameterCounts(parameters);
  return {
    parameters: total,
    non_embedding_parameters: nonEmbedding,
    state_bytes: cost.state_bytes,
    paper_state_bytes: cost.paper_state_bytes ?? undefined,
    optimizer_flops: cost.flops,
    flops_over_adamw: cost.flops_over_adamw,
    paper_flops_over_adamw: cost.paper_flops_over_adamw ?? undefined,
  };
}
