import type { Command } from 'commander';

interface CollectOptions {
  json?: boolean;
}

/** `soap-bench collect`: the tables that `run` writes at its end, from what there is. */
export function registerCollect(program: Command): void {
  program
    .command('collect')
    .description('write and show the tables of an experiment or a sweep from what its runs have written so far')
    .argument('<folder>', 'folder of the experiment or sweep')
    .option('--json', 'print one JSON document instead of tables')
    .addHelpText(
      'after',
      `
Writes summary.csv, and runs.csv of a sweep. Meant for runs trained on a
cluster; \`run\` does the same when it ends.

Examples:
  soap-bench collect results/frequency-sweep/sweep
  soap-bench collect results/frequency-sweep/sweep --json`,
    )
    .action(async (folder: string, { json = false }: CollectOptions) => {
      const { analyse } = await import('../../analysis/analysis.js');
      const { readStudy } = await import('../../results/study.js');
      const { writeStudyFiles } = await import('../../report/csv/study-files.js');
      const { showResults } = await import('../results.js');
      const analysis = analyse(readStudy(folder));
      writeStudyFiles(analysis);
      showResults(analysis, { plot: true, json });
    });
}
