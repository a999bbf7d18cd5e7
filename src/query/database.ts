import { asExperiment } from '../config/run-config.js';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';
import type { FoundExperiment, FoundRun } from '../results/find.js';
import { runRow } from '../analysis/run-rows.js';
import { temporaryFolder } from '../files/temporary-folder.js';
import { csvSource } from './csv-files.js';
import { loadCsv, type Unreadable } from './load-csv.js';
import { queryTables, type QueryTable } from './tables.js';

/** An in-memory database with the tables of the given experiments. SQL cannot access files. */
export interface Database {
  readonly connection: DuckDBConnection;
  /** Files that could not be read, so that their rows are missing. */
  readonly unreadable: readonly Unreadable[];
}

/** @throws {SoapBenchError} `duckdb_unavailable` (exit code 6). */
export async function openDatabase(experiments: readonly FoundExperiment[]): Promise<Database> {
  const connection = await connect();
  for (const { name, columns } of queryTables) {
    await connection.run(
      `CREATE TABLE ${name} (${columns.map((column) => `${column.name} ${column.type}`).join(', ')})`,
    );
  }
  const [runs, metrics, evaluations, summary] = queryTables as [QueryTable, QueryTable, QueryTable, QueryTable];
  const found = experiments.flatMap((experiment) => experiment.runs);
  const scratch = temporaryFolder('query');
  try {
    const readable = found.filter(({ problem }) => problem === undefined);
    const files = (name: string) =>
      readable.flatMap((run) => csvSource(join(run.directory, name), run.name, scratch) ?? []);
    await insertRuns(connection, runs, found);
    const summaries = experiments.flatMap(({ kind, directory, name }) => {
      return csvSource(join(directory, kind === 'sweep' ? 'runs.csv' : 'summary.csv'), name, scratch) ?? [];
    });
    const unreadable = [
      ...found.flatMap(({ directory, problem }) => (problem === undefined ? [] : [{ file: directory, problem }])),
      ...(await loadCsv(connection, metrics, files('metrics.csv'), () => 'owner')),
      ...(await loadCsv(connection, evaluations, files('eval.csv'), () => 'owner')),
      ...(await loadCsv(connection, summary, summaries, (columns) => {
        return `owner || '/' || ${columns.includes('task') ? 'task' : 'label'}`;
      })),
    ];
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    return { connection, unreadable };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function connect(): Promise<DuckDBConnection> {
  try {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    // Ignores the settings and extensions of the user's own DuckDB.
    return await (await DuckDBInstance.create(':memory:')).connect();
  } catch (error) {
    throw new SoapBenchError('duckdb_unavailable', `queries need DuckDB, which cannot be loaded: ${messageOf(error)}`, {
      exitCode: exitCodes.unavailable,
      hint: 'install it with `npm install @duckdb/node-api`; list, show and compare do without',
      cause: error,
    });
  }
}

async function insertRuns(connection: DuckDBConnection, { name, columns }: QueryTable, runs: readonly FoundRun[]) {
  const places = columns.map((_, index) => `$${index + 1}`).join(', ');
  for (const run of runs) {
    const { overview, config } = run;
    const record: Record<string, unknown> = {
      ...runRow(run),
      engine: overview?.environment?.engine,
      device: overview?.environment?.device,
      parameters: overview?.status?.parameters,
      state_bytes: overview?.status?.state_bytes,
      config: config && JSON.stringify(asExperiment(config)),
    };
    const values = columns.map((column) => (record[column.name] ?? null) as string | number | null);
    await connection.run(`INSERT INTO ${name} VALUES (${places})`, values);
  }
}
