import type { Analysis } from '../analysis/analysis.js';
import { studyJson } from '../report/csv/study-json.js';
import { studyHeadline, studyText } from '../report/text/study-text.js';
import { hasColors } from './terminal/colors.js';
import { lineWidth, print, printJson } from './terminal/output.js';

export interface ResultOptions {
  /** Whether loss curves follow the table. */
  readonly plot: boolean;
  readonly json: boolean;
}

/**
 * Prints what follows from a study: table, headline and plot, or one JSON document.
 * @returns Whether every run reached the target.
 */
export function showResults(analysis: Analysis, { plot, json }: ResultOptions): { reached: boolean } {
  const { study, summary } = analysis;
  if (json) printJson({ directory: study.folder, headline: studyHeadline(analysis), ...studyJson(analysis) });
  else print(studyText(analysis, { ...textOptions(), plot }));
  const isChosen = summary.tuning.every(({ chosen }) => chosen !== undefined && chosen.length > 0);
  return { reached: isChosen && summary.rows.every(({ tasks }) => tasks.every(({ row }) => row.reached === true)) };
}

/** Without a terminal a line may have a hundred characters, as in the documentation. */
function textOptions(): { width: number; color: boolean } {
  return { width: lineWidth(), color: hasColors(process.stdout) };
}
