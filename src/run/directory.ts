import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentConfig } from '../config/schema.js';
import { resolvedYaml } from '../config/resolved-yaml.js';
import type { EvaluationRow, StepRow } from '../train/loop.js';
import { writeFileAtomic } from './atomic-file.js';
import { CsvFile } from './csv-file.js';
import type { RunEnvironment, Startup } from './environment.js';
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

  /** Creates the folder with the run's configuration. */
  static create(path: string, config: ExperimentConfig): RunDirectory {
    mkdirSync(path, { recursive: true });
    const directory = new RunDirectory(path);
    directory.writeConfig(config);
    return directory;
  }

  get configFile(): string {
    return join(this.path, 'config.yaml');
  }

  get logFile(): string {
    return join(this.path, 'log.txt');
  }

  writeConfig(config: ExperimentConfig): void {
    writeFileAtomic(this.configFile, resolvedYaml(config));
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

  openMetrics(): CsvFile<StepRow> {
    return new CsvFile(join(this.path, 'metrics.csv'), stepColumns);
  }

  openEvaluations(): CsvFile<EvaluationRow> {
    return new CsvFile(join(this.path, 'eval.csv'), evaluationColumns);
  }
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2) + '\n';
}
