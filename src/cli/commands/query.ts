import { Option, type Command } from 'commander';
import { resultColors } from '../terminal/colors.js';
import { lineWidth, print, printDocument, printJson, warn } from '../terminal/output.js';

interface QueryOptions {
  dir: string;
  json?: boolean;
  csv?: boolean;
}

/** `soap-bench query`: SQL over all that runs have written. */
export function registerQuery(program: Command): void {
  program
    .command('query')
    .description('ask with SQL what runs have written: tables runs, metrics, evaluations, summary')
    .argument('[sql]', 'one statement of DuckDB’s SQL; without any, the tables and their columns are listed')
    .option('--dir <folder>', 'the folder of the results, with everything below it', 'results')
    .option('--json', 'print one JSON document')
    .addOption(new Option('--csv', 'print CSV').conflicts('json'))
    .addHelpText(
      'after',
      `
Files are only read. Unknown numbers are NULL, in CSV nan; infinite ones are
inf.

Examples:
  soap-bench query
  soap-bench query "SELECT run, final_loss FROM runs WHERE optimizer = 'soap' ORDER BY final_loss LIMIT 5"
  soap-bench query "SELECT setting, avg(loss), count(*) FROM evaluations JOIN runs USING (run)
                    WHERE evaluations.step = 200 GROUP BY setting"
  soap-bench query "SELECT run, quantile_cont(step_ms, [0.5, 0.99]) FROM metrics GROUP BY run" --json
  soap-bench query "SELECT run, config->>'$.train.batch_tokens' AS batch FROM runs" --csv > batches.csv`,
    )
    .action(query);
}

async function query(sql: string | undefined, { dir, json, csv }: QueryOptions): Promise<void> {
  const { answerText, tablesText } = await import('../../query/answer-text.js');
  const { queryTables } = await import('../../query/tables.js');
  if (sql === undefined) {
    if (json === true) printJson({ tables: queryTables });
    else print(tablesText(resultColors));
    return;
  }
  const { findIn } = await import('../find-in.js');
  const { openDatabase } = await import('../../query/database.js');
  const { ask } = await import('../../query/ask.js');
  const { jsonValue } = await import('../../files/json-value.js');
  const { connection, unreadable } = await openDatabase(findIn(dir));
  for (const { file, problem } of unreadable) warn(`the rows of ${file} are left out: ${problem}`);
  const answer = await ask(connection, sql);
  const { columns, rows } = answer;
  if (json === true) {
    const records = rows.map((row) =>
      Object.fromEntries(row.map((value, index) => [columns[index]!, jsonValue(value)])),
    );
    printJson({ columns, rows: records });
  } else if (csv === true) {
    const { csvText } = await import('../../files/csv.js');
    printDocument(csvText([columns, ...rows.map((row) => row.map((value) => value ?? NaN))]));
  } else print(answerText(answer, lineWidth(), resultColors));
}
