import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { resolvedYaml } from '../config/resolved-yaml.js';
import { asExperiment, type RunConfig } from '../config/run-config.js';
import type { Manifest } from '../data/manifest.js';
import { columnNames } from '../files/columns.js';
import { evaluationColumns, stepColumns, type EvaluationRow, type StepRow } from '../train/rows.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import type { CheckpointRecord } from './checkpoint.js';
import { Checkpoints } from './checkpoints.js';
import { CsvFile } from '../files/csv-file.js';
import type { RunEnvironment, Startup } from './environment.js';
import { foldersIn, isFile } from '../files/folders.js';
import { assertRunAsWritten, endedFiles, readRunConfig, readJson, statusFile } from './read-run.js';
import { assertSameConfig, assertSameData } from './same-run.js';
import { hasEnded, statusSchema, type RunStatus } from './status.js';
import { sha256, sha256OfFile, writeSums } from './sums.js';

/** The files of one run. docs/outputs.md says what is in them. */
export class RunDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Creates the folder with the run's configuration and the description of its data. One that is there gets what may change
   * from one call to the next: labels, how often checkpoints are written.
   */
  create(config: RunConfig, data: Manifest): void {
    mkdirSync(this.path, { recursive: true });
    writeChanged(this.#datasetFile, json(data));
    // The last one: it makes the folder a run's.
    writeChanged(this.configFile, resolvedYaml(asExperiment(config)));
  }

  /**
   * Whether a run that has been begun is the one that is wanted.
   * @throws {SoapBenchError} `config_changed`; `data_changed` when it was begun with other text.
   */
  assertSame(config: RunConfig, data: Manifest): void {
    if (!this.exists) return;
    assertSameConfig(this.readConfig(), config, this.configFile);
    const before = readJson(this.#datasetFile, z.object({ fingerprint: z.string() }));
    // Folders of earlier versions have no such file; a checkpoint names its text as well.
    if (before !== undefined) assertSameData(before.fingerprint, data.fingerprint);
  }

  /** Whether the run has been begun. */
  get exists(): boolean {
    return existsSync(this.configFile);
  }

  get configFile(): string {
    return join(this.path, 'config.yaml');
  }

  get logFile(): string {
    return join(this.path, 'log.txt');
  }

  /** @throws {SoapBenchError} `results_damaged`. */
  readConfig(): RunConfig {
    return readRunConfig(this.path);
  }

  writeEnvironment(environment: RunEnvironment): void {
    writeFileAtomic(join(this.path, 'environment.json'), json(environment));
  }

  writeStartup(startup: Startup): void {
    writeFileAtomic(join(this.path, 'startup.json'), json(startup));
  }

  writeStatus(status: RunStatus): void {
    writeFileAtomic(join(this.path, statusFile), json(status));
  }

  /**
   * Writes how training came to its end, and the digests of the run's files, which do not change any more. One that is only
   * stopped goes on later, and has none.
   */
  writeEnding(status: RunStatus): void {
    if (!hasEnded(status)) {
      this.writeStatus(status);
      return;
    }
    // Its process is gone when anybody reads it.
    const text = json({ ...status, pid: undefined });
    const files = endedFiles.filter((name) => name !== statusFile && existsSync(join(this.path, name)));
    const sums = files.map((name) => [name, sha256OfFile(join(this.path, name))] as const);
    // First, so that no ended run of this version is without them; they count when it has ended.
    writeSums(this.path, { ...Object.fromEntries(sums), [statusFile]: sha256(text) });
    writeFileAtomic(join(this.path, statusFile), text);
  }

  /**
   * Checks the files of a run that has ended against their digests.
   * @throws {SoapBenchError} `results_damaged` naming the file.
   */
  assertAsWritten(): void {
    assertRunAsWritten(this.path, this.readStatus());
  }

  /** The status as it was last written; undefined when there is none, or it cannot be read. */
  readStatus(): RunStatus | undefined {
    try {
      return readJson(join(this.path, statusFile), statusSchema);
    } catch {
      return undefined;
    }
  }

  get checkpoints(): Checkpoints {
    return new Checkpoints(join(this.path, 'checkpoints'));
  }

  /** @param keep Bytes to go on after; 0 begins the file anew. */
  openMetrics(keep: number): CsvFile<StepRow> {
    return new CsvFile(this.#metricsFile, columnNames(stepColumns), keep);
  }

  /** @param keep Bytes to go on after; 0 begins the file anew. */
  openEvaluations(keep: number): CsvFile<EvaluationRow> {
    return new CsvFile(this.#evaluationsFile, columnNames(evaluationColumns), keep);
  }

  /** Lengths of the CSV files, 0 where there is none. */
  csvBytes(): { metrics: number; evaluations: number } {
    return { metrics: sizeOfFile(this.#metricsFile), evaluations: sizeOfFile(this.#evaluationsFile) };
  }

  /** Why the CSV files are not those that a checkpoint stands for; undefined when they are. */
  rowsProblem({ metrics_bytes, eval_bytes, metrics_sha256, eval_sha256 }: CheckpointRecord): string | undefined {
    const parts = [
      [this.#metricsFile, metrics_bytes, metrics_sha256],
      [this.#evaluationsFile, eval_bytes, eval_sha256],
    ] as const;
    for (const [file, bytes, sum] of parts) {
      if (sizeOfFile(file) < bytes) return `rows before it are missing in ${file}`;
      if (sum !== undefined && sha256OfFile(file, bytes) !== sum) return `rows before it have changed in ${file}`;
    }
    return undefined;
  }

  /**
   * Copies the CSV files into a new folder of the run.
   * @returns The folder.
   */
  setAsideRows(): string {
    const numbers = foldersIn(this.path).flatMap((name) => /^set-aside-(\d+)$/.exec(name)?.[1] ?? []);
    const folder = join(this.path, `set-aside-${Math.max(0, ...numbers.map(Number)) + 1}`);
    mkdirSync(folder);
    for (const file of [this.#metricsFile, this.#evaluationsFile].filter(isFile)) {
      copyFileSync(file, join(folder, basename(file)));
    }
    return folder;
  }

  get #datasetFile(): string {
    return join(this.path, 'dataset.json');
  }

  get #metricsFile(): string {
    return join(this.path, 'metrics.csv');
  }

  get #evaluationsFile(): string {
    return join(this.path, 'eval.csv');
  }
}

/** Leaves a file alone that has this text. */
function writeChanged(path: string, text: string): void {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileAtomic(path, text);
}

function sizeOfFile(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2) + '\n';
}
