import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { OptimizerOptions, RunConfig } from '../../config/run-config.js';
import { optimizers as optimizerTable, type OptimizerName } from '../../optim/registry.js';
import type { FoundExperiment, FoundRun } from '../../results/find.js';
import { RunDirectory } from '../../results/directory.js';
import { readSteps, type RunEnvironment } from '../../results/read-run.js';
import { bytesText, countText, lossText, plural, timeText, wrapText } from '../../format.js';
import { runRow, type RunRow } from '../../analysis/run-rows.js';
import { clockText } from './since.js';
import { stepTimes } from '../../analysis/step-times.js';
import { corpusTitle } from '../../data/corpus-path.js';

/** All that is known of a run, for people and for JSON. */
export interface RunPage {
  readonly row: RunRow;
  readonly config: RunConfig | undefined;
  readonly environment: RunEnvironment | undefined;
  readonly step_ms_mean: number | null;
  readonly state_bytes: number | null;
  readonly parameters: number | null;
  /** Steps of its checkpoints, the newest first. */
  readonly checkpoints: readonly number[];
  readonly resumed_from: readonly number[];
  /** Of everything in its folder, with what they take on the disk. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** The command that goes on with it; null when there is nothing left to train. */
  readonly resume: string | null;
}

/** @throws {SoapBenchError} `results_damaged`. */
export function runPage(found: FoundRun, experiment: FoundExperiment): RunPage {
  const { directory, config, overview } = found;
  const row = runRow(found);
  const period = config?.options.precondition_frequency;
  const metrics = overview === undefined ? [] : readSteps(directory);
  const times = stepTimes(metrics, typeof period === 'number' ? period : 1);
  return {
    row: { ...row, step: Math.max(row.step, metrics.at(-1)?.step ?? 0) },
    config,
    environment: overview?.environment,
    step_ms_mean: times.step_ms_mean,
    state_bytes: overview?.status?.state_bytes ?? null,
    parameters: overview?.status?.parameters ?? null,
    checkpoints: new RunDirectory(directory).checkpoints.steps,
    resumed_from: overview?.status?.resumed_from ?? [],
    files: filesIn(directory),
    resume: ['running', 'interrupted', 'killed', 'failed', 'not_started'].includes(row.state)
      ? `soap-bench resume ${experiment.directory}`
      : null,
  };
}

/** Files of a folder, and its folders as one each, in the order of their names. */
export function filesIn(directory: string): { name: string; bytes: number }[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'));
    return entries.map((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory()
        ? { name: `${entry.name}/`, bytes: sizeOf(path) }
        : { name: entry.name, bytes: statSync(path).size };
    });
  } catch {
    // A run that has not started has no folder, and one that goes on replaces its files.
    return [];
  }
}

/** Bytes of everything below a folder. */
export function sizeOf(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

const indent = ' '.repeat(15);

/** The page as lines of a title and a text. */
export function runPageText(page: RunPage, width: number): string {
  const { row, config, environment, files } = page;
  const heading = [`${row.run}: ${stateWords(row)}`, ...(row.message === null ? [] : [`  ${row.message}`])];
  const rows: [string, string | undefined][] = [
    ...(config === undefined ? [] : configLines(config, page)),
    ['loss', lossLine(row)],
    ['times', timesLine(page)],
    ['computed', environment && computedLine(environment)],
    ['version', environment && versionLine(environment)],
    [
      'checkpoints',
      page.checkpoints.length === 0
        ? undefined
        : `steps ${page.checkpoints
            .toSorted((a, b) => a - b)
            .map(countText)
            .join(', ')}`,
    ],
    [
      'resumed',
      page.resumed_from.length === 0 ? undefined : `after steps ${page.resumed_from.map(countText).join(', ')}`,
    ],
    ['folder', row.directory],
    [
      'files',
      files.length === 0 ? undefined : files.map(({ name, bytes }) => `${name} ${bytesText(bytes)}`).join(', '),
    ],
    ['to go on', page.resume ?? undefined],
  ];
  const lines = rows.flatMap(([title, text]) => {
    if (text === undefined) return [];
    const [first, ...others] = wrapText(text, width - indent.length).split('\n');
    return [`  ${title}`.padEnd(indent.length) + first!, ...others.map((line) => indent + line)];
  });
  return [...heading, '', ...lines].join('\n');
}

function stateWords({ state, step, steps }: RunRow): string {
  const words = state.replaceAll('_', ' ');
  return state === 'not_started' || state === 'damaged'
    ? words
    : `${words}, ${countText(step)} of ${plural(steps ?? 0, 'step')}`;
}

function configLines(
  { model, data, train, seed, optimizer, options }: RunConfig,
  page: RunPage,
): [string, string | undefined][] {
  const { steps, batch_tokens, schedule } = train;
  const vocabulary = data.vocab_size === undefined ? '' : `, ${countText(data.vocab_size)} of them`;
  const { parameters, state_bytes } = page;
  return [
    ['optimizer', optimizerLine(optimizer, options)],
    ['', state_bytes === null ? undefined : `${bytesText(state_bytes)} of state`],
    [
      'model',
      `${plural(model.n_layer, 'layer')} × ${model.d_model} wide, ${plural(model.n_head, 'head')}, context ${model.context}${parameters === null ? '' : `, ${plural(parameters, 'parameter')}`}`,
    ],
    ['data', `${corpusTitle(data.corpus)}, ${data.tokenizer} tokens${vocabulary}`],
    [
      'training',
      `${plural(steps, 'step')} of ${plural(batch_tokens, 'token')}, ${schedule.name} schedule, seed ${seed}`,
    ],
  ];
}

/** `soap: lr 0.01, precondition_frequency 5`: what is not as it is by default. */
function optimizerLine(optimizer: OptimizerName, options: OptimizerOptions): string {
  const defaults = optimizerTable[optimizer].options.parse({ lr: options.lr }) as Record<string, unknown>;
  const chosen = Object.entries(options).filter(
    ([key, value]) => key === 'lr' || !isDeepStrictEqual(value, defaults[key]),
  );
  return `${optimizer}: ${chosen.map(([key, value]) => `${key} ${JSON.stringify(value)}`).join(', ')}`;
}

function lossLine({ state, final_loss, best_loss }: RunRow): string | undefined {
  if (final_loss === null) return undefined;
  const last =
    state === 'diverged' ? 'diverged' : `${lossText(final_loss)} ${state === 'finished' ? 'final' : 'so far'}`;
  return best_loss === null ? last : `${last}, ${lossText(best_loss)} best; validation, nats a token`;
}

function timesLine({ row, step_ms_mean }: RunPage): string | undefined {
  const { started_at, ended_at, train_time_s, eval_time_s } = row;
  if (started_at === null) return undefined;
  const parts = [
    `begun ${clockText(started_at)}`,
    ...(ended_at === null ? [] : [`ended ${clockText(ended_at)}`]),
    ...(train_time_s === null ? [] : [`training ${timeText(train_time_s)}`, `evaluation ${timeText(eval_time_s!)}`]),
    ...(step_ms_mean === null ? [] : [`a step ${timeText(step_ms_mean / 1000)}`]),
  ];
  return parts.join(', ');
}

function computedLine({ engine, engine_version, device, compiled, precision }: RunEnvironment): string {
  return `${engine} ${engine_version} on ${device}${compiled === true ? ', compiled' : ''}${precision === undefined ? '' : `, ${precision}`}`;
}

/** Undefined for a run of a version that did not say which it was. */
function versionLine({ soap_bench, git_commit, git_dirty, node, platform }: RunEnvironment): string | undefined {
  if (soap_bench === undefined) return undefined;
  const changes = git_dirty === true ? ' with changes' : '';
  const commit = typeof git_commit === 'string' ? `, commit ${git_commit.slice(0, 8)}${changes}` : '';
  return [`soap-bench ${soap_bench}${commit}`, node && `Node ${node}`, platform].filter(Boolean).join(', ');
}
