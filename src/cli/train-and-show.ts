import { analyse } from '../analysis/analysis.js';
import { trainOpened } from '../experiment/train-folder.js';
import type { TrainingFolder } from '../experiment/training-folder.js';
import { writeStudyFiles } from '../report/csv/study-files.js';
import { readStudy } from '../results/study.js';
import { exitCodeOf } from './exit-code.js';
import { showResults } from './results.js';
import { stopTraining } from './stop-signals.js';
import { trainingScreen } from './terminal/training-screen.js';

export interface TrainAndShowOptions {
  readonly jobs: number;
  readonly rerun?: boolean | undefined;
  readonly requireTarget?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
}

/** Trains what is left of a folder, writes and shows what came of it, and sets the exit code: `run` and `resume`. */
export async function trainAndShow(
  folder: TrainingFolder,
  { jobs, rerun, requireTarget = false, json = false, quiet = json }: TrainAndShowOptions,
): Promise<void> {
  const output = { quiet: quiet || json };
  const signal = stopTraining(`soap-bench resume ${folder.path}`, output);
  const { outcomes } = await trainOpened(folder, { jobs, rerun, signal, observer: trainingScreen(output) });
  const analysis = analyse(readStudy(folder.path));
  writeStudyFiles(analysis);
  const { reached } = showResults(analysis, { plot: true, json });
  process.exitCode = exitCodeOf(outcomes.values(), { stop: signal, missesTarget: requireTarget && !reached });
}
