import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { storedRun } from '../config/stored.js';
import type { RunConfig } from '../config/run-config.js';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';
import type { StepTimeRow } from './step-time-row.js';
import { evaluationColumns, stepColumns, type EvaluationRow, type StepRow } from '../train/rows.js';
import type { RowOf } from '../files/columns.js';
import { parseRows, readRows, type Columns } from '../files/csv-rows.js';
import { damaged, issueText } from '../files/damaged.js';
import { textOf } from '../files/file-blocks.js';
import { isFile } from '../files/folders.js';
import { assertSameConfig } from './same-run.js';
import { hasEnded, statusSchema, type RunStatus } from './status.js';
import { assertAsWritten, readAsWritten, readSums, type Written } from './sums.js';

export const statusFile = 'status.json';

/** Files of a run that do not change after its end. */
export const endedFiles = ['config.yaml', 'dataset.json', 'environment.json', 'metrics.csv', 'eval.csv', statusFile];

const environmentSchema = z.object({
  // These three decide whether two runs' times can be compared.
  engine: z.string(),
  engine_version: z.string(),
  // With the number of threads where there are several.
  device: z.string(),
  soap_bench: z.string().optional(),
  git_commit: z.string().nullish(),
  git_dirty: z.boolean().nullish(),
  compiled: z.boolean().optional(),
  precision: z.string().optional(),
  tfjs: z.string().optional(),
  node: z.string().optional(),
  platform: z.string().optional(),
  cpu: z.string().optional(),
  cores: z.number().optional(),
  memory_bytes: z.number().optional(),
  variables: z.record(z.string(), z.string()).optional(),
});

/** What of environment.json is shown; runs of earlier versions do not say everything. */
export type RunEnvironment = Readonly<z.infer<typeof environmentSchema>>;

/** What of a step its times follow from. */
export type TimedStep = RowOf<typeof timedColumns>;

/** What one run has written so far; of each step only a part where there may be many runs. */
export interface Run<Step extends TimedStep = TimedStep> {
  /** Its label among the experiment's optimizers, and the name of its folder. */
  readonly label: string;
  readonly directory: string;
  /** Undefined when the run has not got as far as writing it. */
  readonly status: RunStatus | undefined;
  readonly environment: RunEnvironment | undefined;
  readonly metrics: readonly Step[];
  readonly evaluations: readonly EvaluationRow[];
  /** The step time of its setting as it was measured apart; wall-clock counts with it where it is there. */
  readonly timed?: StepTimeRow | undefined;
}

/** A run without its steps, which are the larger part of its files. */
export type RunOverview = Omit<Run, 'metrics'>;

const { step, tokens, step_ms, optimizer_share, train_time_s, eval_time_s } = stepColumns;
const timedColumns = { step, tokens, step_ms, optimizer_share, train_time_s, eval_time_s };

/**
 * Reads a run's directory with all columns, also one that is still being written.
 * @throws {SoapBenchError} `not_a_run` (exit code 2), or `results_damaged` (6) naming the file and the line.
 */
export function readRun(directory: string): Run<StepRow> {
  if (!isFile(join(directory, 'config.yaml'))) {
    throw new SoapBenchError('not_a_run', `${directory} is not the directory of a run: it has no config.yaml.`, {
      exitCode: exitCodes.usage,
      hint: 'A run is a folder <experiment>/runs/<label> with config.yaml, status.json, metrics.csv and eval.csv.',
    });
  }
  return readWithSteps(directory, stepColumns);
}

/**
 * Checks that a run was trained with what its experiment says of it, where the run's own configuration has a digest.
 * @throws {SoapBenchError} `config_changed`.
 */
export function assertOwnConfig(directory: string, config: RunConfig): void {
  const file = join(directory, 'config.yaml');
  if ('config.yaml' in readSums(directory)) assertSameConfig(readRunConfig(directory), config, file);
}

/** Reads the files that there are of a run, also when there are none yet. */
export function readRunFiles(directory: string): Run {
  return readWithSteps(directory, timedColumns);
}

function readWithSteps<Step extends TimedStep>(directory: string, columns: Columns<Step>): Run<Step> {
  const { overview, written } = openRun(directory);
  return { ...overview, metrics: rowsOf(written, 'metrics.csv', columns) };
}

/** The same without its steps, whose file is only checked. */
export function readRunOverview(directory: string): RunOverview {
  const { overview, written } = openRun(directory);
  assertAsWritten(written, 'metrics.csv');
  return overview;
}

/** The steps of a run whose files have been checked. */
export function readSteps(directory: string): TimedStep[] {
  return readRows(join(directory, 'metrics.csv'), timedColumns);
}

/** Reads all of a run but metrics.csv. */
function openRun(directory: string): { overview: RunOverview; written: Written } {
  const status = readJson(join(directory, statusFile), statusSchema);
  const written = writtenFiles(directory, status);
  for (const name of ['config.yaml', 'dataset.json', statusFile]) assertAsWritten(written, name);
  const environment = 'environment.json';
  const overview = {
    label: basename(resolve(directory)),
    directory,
    status,
    environment: readAsWritten(written, environment, (blocks) => {
      return parseJson(join(directory, environment), () => textOf(blocks), environmentSchema);
    }),
    evaluations: rowsOf(written, 'eval.csv', evaluationColumns),
  };
  return { overview, written };
}

function rowsOf<Row>(written: Written, name: string, columns: Columns<Row>): Row[] {
  const file = join(written.folder, name);
  return readAsWritten(written, name, (blocks) => parseRows(file, blocks, columns)) ?? [];
}

/**
 * Checks the files of a run that has ended against their digests.
 * @throws {SoapBenchError} `results_damaged` naming the file.
 */
export function assertRunAsWritten(directory: string, status: RunStatus | undefined): void {
  const written = writtenFiles(directory, status);
  for (const name of endedFiles) assertAsWritten(written, name);
}

/** The digests of a run's files count when it has ended. Runs of earlier versions have none. */
function writtenFiles(folder: string, status: RunStatus | undefined): Written {
  const sums = status !== undefined && hasEnded(status) ? readSums(folder) : {};
  const hint = 'bring back the file as it was; or remove the run with `soap-bench rm`, and `resume` trains it again';
  return { folder, sums, hint };
}

/** @throws {SoapBenchError} `results_damaged` (6) when config.yaml is not there or not as soap-bench wrote it. */
export function readRunConfig(directory: string): RunConfig {
  return readConfigFile(directory, storedRun);
}

/** Reads the config.yaml of a folder as `stored` does, with the same errors. */
export function readConfigFile<Config>(directory: string, stored: (value: unknown) => Config): Config {
  const file = join(directory, 'config.yaml');
  try {
    return stored(parseYaml(readFileSync(file, 'utf8')));
  } catch (error) {
    throw damaged(file, messageOf(error), error);
  }
}

/** Undefined when there is no such file yet. */
export function readJson<T>(file: string, schema: z.ZodType<T>): T | undefined {
  return existsSync(file) ? parseJson(file, () => readFileSync(file, 'utf8'), schema) : undefined;
}

function parseJson<T>(file: string, text: () => string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text());
  } catch (error) {
    throw damaged(file, messageOf(error), error);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw damaged(file, issueText(result.error));
  return result.data;
}
