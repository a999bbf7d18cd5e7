import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { readStudy } from '../../src/results/study.js';
import { analyse } from '../../src/analysis/analysis.js';
import { registerQuery } from '../../src/cli/commands/query.js';
import { openDatabase } from '../../src/query/database.js';
import { queryTables } from '../../src/query/tables.js';
import { writeStudyFiles } from '../../src/report/csv/study-files.js';
import { runColumns } from '../../src/report/csv/runs-csv.js';
import { RunDirectory } from '../../src/results/directory.js';
import { inProcess } from '../cli/in-process.js';
import { experimentDirectory, quickstartSketch } from '../report/helpers.js';
import { lineTo, sweepDirectory, taskIds } from '../report/sweep-helpers.js';

/** Results with an experiment of three runs that are finished, and its summary. */
function results(): { root: string; directory: string } {
  const directory = experimentDirectory(quickstartSketch());
  writeStudyFiles(analyse(readStudy(directory)));
  return { root: dirname(dirname(directory)), directory };
}

const query = (root: string, ...words: string[]) => inProcess(registerQuery, 'query', '--dir', root, ...words);

async function rows(root: string, sql: string): Promise<Record<string, unknown>[]> {
  const { stdout } = await query(root, sql, '--json');
  return (JSON.parse(stdout) as { rows: Record<string, unknown>[] }).rows;
}

describe('soap-bench query', () => {
  it('asks the metrics and evaluations of all runs', async () => {
    const { root } = results();
    const found = await rows(
      root,
      'SELECT run, count(*) AS n, min(loss) AS best, max(tokens) AS tokens FROM evaluations GROUP BY run ORDER BY run',
    );
    expect(found.map(({ run, n, tokens }) => [run, n, tokens])).toEqual([
      ['demo/20250131-120000/adamw', 21, 20_000],
      ['demo/20250131-120000/shampoo', 21, 20_000],
      ['demo/20250131-120000/soap', 21, 20_000],
    ]);
    expect(await rows(root, "SELECT sum(step_ms) AS ms FROM metrics WHERE run LIKE '%/adamw'")).toEqual([
      { ms: 900 + 199 * 120 },
    ]);
  });

  it('joins them with what the runs were', async () => {
    const { root } = results();
    const sql = `SELECT setting, runs.lr, config->>'$.train.steps' AS asked, loss FROM runs
      JOIN evaluations USING (run) WHERE evaluations.step = 0 AND optimizer = 'soap'`;
    expect(await rows(root, sql)).toEqual([
      { setting: 'soap', lr: 0.003, asked: '200', loss: expect.any(Number) as number },
    ]);
    const [times] = await rows(
      root,
      'SELECT started_at, ended_at - started_at = INTERVAL 1 MINUTE AS minute FROM runs',
    );
    expect(times).toEqual({ started_at: '2025-01-31T12:00:00.000Z', minute: true });
  });

  it('has the summaries of experiments and sweeps', async () => {
    const { root } = results();
    const sweep = sweepDirectory(
      [
        { label: 'adamw', losses: lineTo(3) },
        { label: 'soap', losses: lineTo(2.5), status: { state: 'diverged' } },
      ],
      undefined,
      join(root, 'other', 'sweep'),
    );
    writeStudyFiles(analyse(readStudy(sweep)));
    const [adamw, soap] = taskIds(sweep);
    const found = await rows(
      root,
      `SELECT run, experiment, final_loss, best_loss, steps_to_target IS NULL AS unknown, reached FROM summary
       JOIN runs USING (run) WHERE runs.experiment = 'other/sweep' ORDER BY run`.replaceAll(
        /\b(experiment|final_loss|best_loss)(?=,)/g,
        'summary.$1',
      ),
    );
    expect(found).toMatchObject([
      { run: `other/sweep/${adamw}`, experiment: 'other/sweep', final_loss: 3, reached: 'true' },
      { run: `other/sweep/${soap}`, experiment: 'other/sweep', final_loss: 'inf', reached: 'false' },
    ]);
    expect(await rows(root, 'SELECT count(*) AS n FROM summary')).toEqual([{ n: 5 }]);
  });

  it('reads NaN as NULL, keeps infinities, and writes both to CSV', async () => {
    const directory = experimentDirectory({
      steps: 20,
      runs: {
        adamw: {
          losses: [
            [0, 6],
            [10, NaN],
            [20, Infinity],
          ],
        },
      },
    });
    const root = dirname(directory);
    expect(await rows(root, 'SELECT step, loss FROM evaluations ORDER BY step')).toEqual([
      { step: 0, loss: 6 },
      { step: 10, loss: null },
      { step: 20, loss: 'inf' },
    ]);
    const { stdout } = await query(root, 'SELECT step, loss FROM evaluations ORDER BY step', '--csv');
    expect(stdout).toBe('step,loss\n0,6\n10,nan\n20,inf\n');
  });

  it('shows a table, and blocks where that is too wide', async () => {
    const { root } = results();
    const narrow = await query(root, 'SELECT setting, best_loss FROM runs ORDER BY best_loss LIMIT 2');
    expect(narrow.stdout).toMatch(/^setting +best_loss\n─+ +─+\nsoap +4\.6\d*\nshampoo +4\.\d+\n$/);
    const wide = await query(root, "SELECT * FROM runs WHERE setting = 'soap'");
    expect(wide.stdout).toMatch(/^run +demo\/20250131-120000\/soap\nexperiment +demo/);
    expect((await query(root, 'SELECT run FROM runs WHERE false')).stdout).toBe('no rows (run)\n');
  });

  it('shows what a terminal would obey, and writes no formula', async () => {
    const { root } = results();
    const sql = `SELECT 'a\u001b[2Jb' AS "t\u009bx", '=1+1' AS formula, -1 AS less, true AS yes`;
    const cells = await query(root, sql);
    expect(cells.stdout).toMatch(/^t\\u009bx {5}formula {2}less +yes\n.*\na\\u001b\[2Jb +=1\+1 +-1 +true\n$/);
    const { stdout } = await query(root, sql, '--csv');
    expect(stdout).toBe("t\u009bx,formula,less,yes\na\u001b[2Jb,'=1+1,-1,true\n");
  });

  it('reads the texts that were written', async () => {
    const sketch = quickstartSketch();
    sketch.runs.soap = { ...sketch.runs.soap, status: { message: '=cmd|x' } };
    sketch.runs.adamw = { ...sketch.runs.adamw, status: { message: "'@x" } };
    const directory = experimentDirectory(sketch);
    writeStudyFiles(analyse(readStudy(directory)));
    expect(readFileSync(join(directory, 'summary.csv'), 'utf8')).toContain(",'=cmd|x\n");
    const found = await rows(dirname(dirname(directory)), 'SELECT note FROM summary ORDER BY run');
    expect(found).toEqual([{ note: "'@x" }, expect.any(Object), { note: '=cmd|x' }]);
  });

  it('leaves out what a crash has cut, and files that are damaged', async () => {
    const { root, directory } = results();
    appendFileSync(join(directory, 'runs', 'soap', 'eval.csv'), '210,21000,val,4.');
    writeFileSync(
      join(directory, 'runs', 'adamw', 'eval.csv'),
      'step,tokens,split,loss,train_time_s,eval_time_s\n1,x,val,2,3,4\n',
    );
    const { stdout, stderr } = await query(
      root,
      'SELECT run, max(step) AS last FROM evaluations GROUP BY run ORDER BY run',
      '--json',
    );
    expect((JSON.parse(stdout) as { rows: unknown }).rows).toEqual([
      { run: 'demo/20250131-120000/shampoo', last: 200 },
      { run: 'demo/20250131-120000/soap', last: 200 },
    ]);
    expect(stderr).toContain(join(directory, 'runs', 'adamw', 'eval.csv'));
    // The file itself is as it was.
    expect(readFileSync(join(directory, 'runs', 'soap', 'eval.csv'), 'utf8')).toMatch(/,4\.$/);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('soap-bench-query-'))).toEqual([]);
  });

  it('finds files whose folders have signs of patterns and quotes in their names', async () => {
    const { root, directory } = results();
    const odd = join(root, "it's [odd]*?");
    mkdirSync(join(odd, 'runs', 'soap'), { recursive: true });
    for (const name of ['config.yaml', 'runs/soap/eval.csv', 'runs/soap/status.json']) {
      writeFileSync(join(odd, name), readFileSync(join(directory, name)));
    }
    const sql = `SELECT run, count(*) AS n FROM evaluations WHERE run LIKE 'it%' GROUP BY run`;
    expect(await rows(root, sql)).toEqual([{ run: "it's [odd]*?/soap", n: 21 }]);
  });

  it('says what is wrong with SQL, and which columns there are', async () => {
    const { root } = results();
    const failure = async (sql: string) => query(root, sql).catch((error: unknown) => error);
    expect(await failure('SELECT los FROM metrics')).toMatchObject({
      code: 'sql_invalid',
      exitCode: 2,
      message: expect.stringMatching(/"los" not found[^]*Candidate bindings: "loss"/) as string,
      hint: expect.stringMatching(/^metrics: run, step, tokens, split, loss/) as string,
    });
    expect(await failure('SELEC 1')).toMatchObject({
      code: 'sql_invalid',
      hint: expect.stringContaining('evaluations') as string,
    });
    expect(await failure('SELECT 1; SELECT 2')).toMatchObject({ message: 'expected one statement, found 2' });
    for (const sql of ['', ' ;', '/* nothing */']) {
      expect(await failure(sql)).toMatchObject({ code: 'sql_invalid', message: 'expected one statement, found 0' });
    }
    await expect(query(join(root, 'nothing'), 'SELECT 1')).rejects.toMatchObject({ code: 'folder_unknown' });
  });

  it('only reads', async () => {
    const { root, directory } = results();
    const target = join(root, 'written.csv');
    const file = join(directory, 'summary.csv');
    const before = readFileSync(file, 'utf8');
    for (const sql of [
      `COPY runs TO '${target}'`,
      `COPY runs TO '${file}'`,
      `ATTACH '${target}'`,
      `SELECT * FROM read_csv('${file}')`,
      'SET enable_external_access = true',
      'CREATE TABLE mine (a INT)',
      'DELETE FROM runs',
    ]) {
      await expect(query(root, sql), sql).rejects.toMatchObject({ code: 'sql_invalid', exitCode: 2 });
    }
    expect(existsSync(target)).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('describes its tables', async () => {
    const { stdout } = await inProcess(registerQuery, 'query');
    for (const { name, columns } of queryTables) {
      expect(stdout).toMatch(new RegExp(`^${name}: `, 'm'));
      for (const column of columns) expect(stdout).toContain(`\n  ${column.name} `);
    }
  });

  it('says what to install where DuckDB is missing', async () => {
    vi.doMock('@duckdb/node-api', () => {
      throw new Error('Cannot find package');
    });
    vi.resetModules();
    const fresh = await import('../../src/query/database.js');
    await expect(fresh.openDatabase([])).rejects.toMatchObject({
      code: 'duckdb_unavailable',
      exitCode: 6,
      hint: expect.stringContaining('npm install @duckdb/node-api') as string,
    });
    vi.doUnmock('@duckdb/node-api');
  });
});

describe('the tables', () => {
  const columnsOf = (name: string) =>
    queryTables.find((table) => table.name === name)!.columns.map((column) => column.name);

  it('have every column that runs write', () => {
    const { directory } = results();
    const run = new RunDirectory(join(directory, 'runs', 'fresh'));
    mkdirSync(run.path);
    run.openMetrics(0).close();
    run.openEvaluations(0).close();
    const header = (name: string) => readFileSync(join(run.path, name), 'utf8').trimEnd().split(',');
    expect(columnsOf('metrics')).toEqual(['run', ...header('metrics.csv')]);
    expect(columnsOf('evaluations')).toEqual(['run', ...header('eval.csv')]);
    expect(columnsOf('summary')).toEqual(['run', 'experiment', ...runColumns]);
  });

  it('are there without any results', async () => {
    const { connection } = await openDatabase([]);
    for (const { name } of queryTables) await connection.run(`SELECT * FROM ${name}`);
  });

  it('are described in docs/finding-runs.md', () => {
    const docs = readFileSync(new URL('../../docs/finding-runs.md', import.meta.url), 'utf8');
    for (const { columns } of queryTables) for (const { name } of columns) expect(docs).toContain(`\`${name}\``);
  });
});
