import type { Command } from 'commander';
import { resultColors } from '../terminal/colors.js';
import { SoapBenchError, exitCodes } from '../../errors.js';
import type { Diagnosis } from '../../engine/setup/diagnose.js';
import { print, printJson, type OutputOptions } from '../terminal/output.js';

/** `soap-bench doctor`: which engine runs here, on what, and what is missing for a better one. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('show which engine runs here, on which device, what is missing and what to do')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Ends with 0 when an engine works, with 6 when none does.

Examples:
  soap-bench doctor
  soap-bench doctor --json | jq .engine`,
    )
    .action(async (options: OutputOptions) => {
      const { diagnose } = await import('../../engine/setup/diagnose.js');
      const diagnosis = await diagnose();
      if (options.json === true) printJson(diagnosis);
      else print(describe(diagnosis));
      if (diagnosis.engine !== null) return;
      if (options.json === true) process.exitCode = exitCodes.unavailable;
      else throw new SoapBenchError('engine_unavailable', 'No engine works.', { exitCode: exitCodes.unavailable });
    });
}

/** The diagnosis for people: aligned lines, then each problem with what to do. */
export function describe(diagnosis: Diagnosis): string {
  const { tools, memory_bytes: memory, cache } = diagnosis;
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  const rows: [string, string][] = [
    ['engine', diagnosis.engine ?? resultColors.red('none')],
    ['device', diagnosis.device ?? '-'],
    ['threads', String(diagnosis.threads)],
    ['TensorFlow', diagnosis.tensorflow_version ?? 'not loadable'],
    ['Node', `${diagnosis.node}, ${diagnosis.platform}`],
    ['memory', `${gigabytes(memory.total)}, ${gigabytes(memory.free)} free`],
    ['cache', `${cache.path}, ${gigabytes(cache.bytes)}`],
    ['Python', [tools.python, tools.pip].map((found) => found ?? 'missing').join(', ')],
    ['compiler', [tools.compiler, tools.make].map((found) => found ?? 'missing').join(', ')],
    ['NVIDIA driver', tools.nvidia_driver ?? 'none'],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(15)}${value}`);
  for (const problem of diagnosis.problems) {
    lines.push(
      '',
      `${resultColors.yellow('problem:')} ${problem.message}`,
      `${resultColors.cyan('do:')} ${problem.hint}`,
    );
  }
  if (diagnosis.problems.length === 0) lines.push('', resultColors.green('No problems found.'));
  return lines.join('\n');
}
