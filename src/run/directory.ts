import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentConfig } from '../config/schema.js';
import { resolvedYaml } from '../config/resolved-yaml.js';
import type { EvaluationRow, StepRow } from '../train/loop.js';
import { writeFileAtomic } from './atomic-file.js';
import { Checkpoints } from './checkpoints.js';
import { CsvFile } from './csv-file.js';
import type { RunEnvironment, Startup } from './environment.js';
import { readConfigFile } from './read.js';
import { assertSameConfig } from './same-run.js';
import type { RunStatus } from './status.js';

const stepColumns = [
  'step',
  'tokens',
  'split',
  'loss',
  'lr',
  'grad_norm',
  'update_norm',
  'step_ms',
  'optimizer_share',
  'refresh_failures',
  'train_time_s',
  'eval_time_s',
  'tensors',
  'rss_bytes',
] as const satisfies readonly (keyof StepRow)[];

const evaluationColumns = [
  'step',
  'tokens',
  'split',
  'loss',
  'train_time_s',
  'eval_time_s',
  'basis_error',
  'off_diagonal_share',
  'smallest_eigenvalue',
] as const satisfies readonly (keyof EvaluationRow)[];

/** The files of one run. docs/outputs.md says what is in them. */
export class RunDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Creates the folder with the run's configuration, unless it is there. */
  create(config: ExperimentConfig): void {
    if (existsSync(this.configFile)) return;
    mkdirSync(this.path, { recursive: true });
    writeFileAtomic(this.configFile, resolvedYaml(config));
  }

  /** @throws {SoapBenchError} `config_changed` when the run has been begun with another configuration. */
  assertSameConfig(config: ExperimentConfig): void {
    if (existsSync(this.configFile)) assertSameConfig(this.readConfig(), config, this.configFile);
  }

  get configFile(): string {
    return join(this.path, 'config.yaml');
  }

  get logFile(): string {
    return join(this.path, 'log.txt');
  }

  /** @throws {SoapBenchError} `results_damaged`. */
  readConfig(): ExperimentConfig {
    return readConfigFile(this.configFile);
  }

  writeEnvironment(environment: RunEnvironment): void {
    writeFileAtomic(join(this.path, 'environment.json'), json(environment));
  }

  writeStartup(startup: Startup): void {
    writeFileAtomic(join(this.path, 'startup.json'), json(startup));
  }

  writeStatus(status: RunStatus): void {
    writeFileAtomic(join(this.path, 'status.json'), json(status));
  }

  /** The status as it was last written, or undefined when there is none. */
  readStatus(): RunStatus | undefined {
    try {
      return JSON.parse(readFileSync(join(this.path, 'status.json'), 'utf8')) as RunStatus;
    } catch {
      return undefined;
    }
  }

  get checkpoints(): Checkpoints {
    return new Checkpoints(join(this.path, 'checkpoints'));
  }

  /** @param keep Bytes to go on after; 0 begins the file anew. */
  openMetrics(keep: number): CsvFile<StepRow> {
    return new CsvFile(this.#metricsFile, stepColumns, keep);
  }

  /** @param keep Bytes to go on after; 0 begins the file anew. */
  openEvaluations(keep: number): CsvFile<EvaluationRow> {
    return new CsvFile(this.#evaluationsFile, evaluationColumns, keep);
  }

  /** Lengths of the CSV files, 0 where there is none. */
  csvBytes(): { metrics: number; evaluations: number } {
    return { metrics: sizeOfFile(this.#metricsFile), evaluations: sizeOfFile(this.#evaluationsFile) };
  }

  get #metricsFile(): string {
    return join(this.path, 'metrics.csv');
  }

  get #evaluationsFile(): string {
    return join(this.path, 'eval.csv');
  }
}

function sizeOfFile(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2) + '\n';
}
