import type { Command } from 'commander';
import { SoapBenchError, exitCodes } from '../../../errors.js';
import type { Column } from '../../../table/table.js';
import type { CostRow } from '../../../optim/cost/rows.js';
import { resultColors } from '../../terminal/colors.js';
import { addModelOptions, knownNames, resolveWords, type ModelOptions } from './optimizers-words.js';
import { lineWidth, print, printDocument, printJson } from '../../terminal/output.js';
import { plural } from '../../../format.js';

interface CostOptions extends ModelOptions {
  optimizer?: string[];
  csv?: boolean;
}

/** `soap-bench optimizers cost`. */
export function registerOptimizersCost(command: Command): void {
  addModelOptions(
    command
      .command('cost')
      .description('count the state and the operations of optimizers on a model, without building it')
      .argument('[overrides...]', 'key=value: options of the optimizers, or of the model as model.key=value')
      .option(
        '--optimizer <name>',
        'an optimizer or a preset of one, may be repeated; without any, all of them',
        (name: string, before: string[] | undefined) => [...(before ?? []), name],
      ),
  )
    .option('--csv', 'print a row for every optimizer as CSV')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
State is float32, without weights and gradients. Operations are those of one
optimizer step: multiplications, additions, roots and divisions each count as
one, refreshes are spread over the steps between them. A QR decomposition of a
d×d matrix counts as 8/3 d³, an eigendecomposition as 9 d³. The paper's columns
are the formulas of arXiv:2409.11321, sections 7.2 and 7.3, without the
gradient, and with two operations for every multiplication.

Examples:
  soap-bench optimizers cost --model 360m
  soap-bench optimizers cost --optimizer soap precondition_frequency=100
  soap-bench optimizers cost model.d_model=768 model.n_head=12 \\
      --optimizer adamw --optimizer soap --json`,
    )
    .action(async (words: string[], options: CostOptions) => {
      if (options.csv === true && options.json === true) {
        throw new SoapBenchError('output_ambiguous', 'found both --csv and --json, expected one of them', {
          exitCode: exitCodes.usage,
          hint: '--json has the model too',
        });
      }
      const { modelParameters, parameterCounts } = await import('../../../model/parameters.js');
      const { costRows } = await import('../../../optim/cost/rows.js');
      const { vocabSize } = options;
      const labels = options.optimizer ?? (await knownNames());
      const resolved = await Promise.all(
        labels.map(async (label) => ({ label, ...(await resolveWords(label, words, options)) })),
      );
      const { model } = resolved[0]!;
      const parameters = modelParameters(model, vocabSize);
      const rows = costRows(
        parameters,
        resolved.map(({ label, optimizer: { optimizer, ...own } }) => ({ label, optimizer, options: own })),
      );
      const { total, nonEmbedding } = parameterCounts(parameters);
      if (options.json === true) {
        printJson({
          model: { ...model, vocab_size: vocabSize },
          parameters: { total, without_embeddings: nonEmbedding },
          optimizers: rows,
        });
      } else if (options.csv === true) {
        printDocument(await costCsv(rows));
      } else {
        print(await tableText(rows, total));
      }
    });
}

/** Unknown numbers are `nan`, as in every CSV file here. */
async function costCsv(rows: readonly CostRow[]): Promise<string> {
  const { csvText } = await import('../../../files/csv.js');
  const columns = Object.keys(rows[0]!) as (keyof CostRow)[];
  return csvText([columns, ...rows.map((row) => columns.map((column) => row[column] ?? NaN))]);
}

async function tableText(rows: readonly CostRow[], parameters: number): Promise<string> {
  const { numberCell, tableOf } = await import('../../../table/table.js');
  const { textTable } = await import('../../../table/text.js');
  const { bytesText, operationsText } = await import('../../../format.js');
  const column = (title: string, key: keyof CostRow, text: (value: number) => string): Column<CostRow> => ({
    title,
    align: 'right',
    cell: (row) => numberCell(row[key] as number | null, text),
  });
  const table = tableOf<CostRow>(
    rows,
    [
      { title: 'optimizer', cell: ({ optimizer }) => optimizer },
      column('state\ncounted', 'state_bytes', bytesText),
      column('state\npaper', 'paper_state_bytes', bytesText),
      column('operations\na step', 'flops', operationsText),
      column('of these\nproducts', 'matmul_flops', operationsText),
      column('of these\nQR, eigen', 'decomposition_flops', operationsText),
      column('over AdamW\ncounted', 'flops_over_adamw', operationsText),
      column('over AdamW\npaper', 'paper_flops_over_adamw', operationsText),
    ],
    {
      notes: [
        'Operations are floating-point ones, refreshes spread over the steps between them; – has no formula in the paper.',
      ],
    },
  );
  return [
    `${plural(parameters, 'parameter')}, ${bytesText(4 * parameters)} of weights`,
    '',
    ...textTable(table, { width: lineWidth(), colors: resultColors }),
  ].join('\n');
}
