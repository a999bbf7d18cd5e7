import { basename } from 'node:path';
import type { Command } from 'commander';
import { resultColors } from '../terminal/colors.js';
import { numberCell, tableOf } from '../../table/table.js';
import { textTable } from '../../table/text.js';
import type { Engine, EngineChoice } from '../../engine/engine.js';
import { SoapBenchError, exitCodes } from '../../errors.js';
import { compileOption, engineOption } from '../options.js';
import { note, print, printJson, type OutputOptions } from '../terminal/output.js';

interface VerifyOptions extends OutputOptions {
  engine?: EngineChoice;
  compile: boolean;
}

/** A line of the table: a comparison, or a file that could not be compared. */
export interface VerifyRow {
  readonly case: string;
  readonly quantity: string;
  /** Null where there is no number to compare. */
  readonly difference: number | null;
  readonly tolerance: number | null;
  readonly passed: boolean;
  /** Why there is none. */
  readonly reason?: string;
}

/** `soap-bench verify`: replays reference data on an engine and says how far off it is. */
export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('replay golden data of the reference implementations and compare')
    .argument('[files...]', 'golden files; without any, those that ship with the package')
    .addOption(engineOption())
    .addOption(compileOption())
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Ends with 0 when every comparison passes, with 1 when one does not. A file whose
reference no optimizer here follows counts as failed: nothing that was not
compared passes.

Examples:
  soap-bench verify
  soap-bench verify --engine wasm
  soap-bench verify test/golden/soap-square.json --json | jq .passed`,
    )
    .action(async (files: string[], options: VerifyOptions) => {
      const { openEngine } = await import('../../engine/select.js');
      const engine = await openEngine(
        { engine: options.engine ?? 'auto', threads: 'auto', compile: options.compile },
        note,
      );
      const { shippedGoldenFiles } = await import('../../verify/verify.js');
      const rows: VerifyRow[] = [];
      for (const file of files.length > 0 ? files : await shippedGoldenFiles())
        rows.push(...(await rowsOf(engine, file)));
      const failed = rows.filter(({ passed }) => !passed).length;
      if (options.json === true) {
        const { name, version, device, threads } = engine;
        printJson({ engine: { name, version, device, threads }, passed: rows.length - failed, failed, checks: rows });
      } else {
        print(tableText(rows));
        print(summaryText(engine, rows.length - failed, failed));
      }
      if (failed > 0) process.exitCode = exitCodes.unexpected;
    });
}

/** Compares one file; a reference that nothing here follows becomes a failed row. */
async function rowsOf(engine: Engine, file: string): Promise<VerifyRow[]> {
  const { verifyFile } = await import('../../verify/verify.js');
  const { passes } = await import('../../verify/check.js');
  try {
    const checks = await verifyFile(engine, file);
    return checks.map((check) => ({
      ...check,
      passed: passes(check),
      ...(Number.isNaN(check.difference) && { difference: null, reason: `${check.quantity}: not a finite number` }),
    }));
  } catch (error) {
    if (!(error instanceof SoapBenchError) || error.code !== 'reference_unknown') throw error;
    const name = basename(file, '.json');
    const nothing = { difference: null, tolerance: null, passed: false };
    return [{ case: name, quantity: 'not supported', ...nothing, reason: error.message }];
  }
}

function tableText(rows: readonly VerifyRow[]): string {
  const short = (value: number) => value.toExponential(1);
  const table = tableOf<VerifyRow>(rows, [
    { title: 'case', cell: (row) => row.case },
    { title: 'compared', cell: ({ quantity }) => quantity },
    { title: 'largest difference', align: 'right', cell: ({ difference }) => numberCell(difference, short) },
    { title: 'tolerance', align: 'right', cell: ({ tolerance }) => numberCell(tolerance, short) },
    { title: '', cell: ({ passed }) => (passed ? { text: 'pass', tone: 'good' } : { text: 'FAIL', tone: 'trouble' }) },
  ]);
  const reasons = rows.flatMap(({ case: name, reason }) => (reason === undefined ? [] : [`${name}: ${reason}`]));
  return [...textTable(table, { colors: resultColors }), ...reasons].join('\n');
}

/** E.g. `15 passed, 0 failed on tensorflow 2.21.0 (AMD EPYC, 2 threads)`. */
function summaryText({ name, version, device }: Engine, passed: number, failed: number): string {
  return `${passed} passed, ${failed} failed on ${name} ${version} (${device})`;
}
