import { roundsLine } from '../../analysis/comparison.js';
import { selectionLine } from '../../analysis/selection.js';
import type { ReportTable } from '../../table/table.js';
import type { ReportData } from '../report-data.js';
import { efficiencyTable } from './efficiency-table.js';
import { overheadTable } from './overhead-table.js';
import { runsTable } from './runs-table.js';
import { settingsTable } from './settings-table.js';
import { spaceAndTimeTable } from './space-and-time-table.js';
import { stepTimesTable } from './step-times-table.js';
import { tuningTable } from './tuning-table.js';

/** The tables of a folder: its settings, efficiency where runs have several lengths, what was tuned and timed, every run. */
export function tablesOf(data: ReportData): ReportTable[] {
  const { summary, efficiency } = data;
  if (data.isTimedOnly) return timeTables(data);
  return [
    settingsTable(summary),
    ...(efficiency.length === 0 ? [] : [efficiencyTable(efficiency, efficiencyNotes(data))]),
    ...(summary.tuning.length === 0 ? [] : [tuningTable(summary.tuning)]),
    ...timeTables(data),
    runsTable(summary),
  ];
}

/** What was timed apart from training: every setting, the overhead by refresh frequency, and what the paper's formulas say. */
function timeTables(data: ReportData): ReportTable[] {
  const { stepTimes, baseline } = data.study;
  if (stepTimes.length === 0) return [];
  return [stepTimesTable(stepTimes, baseline), ...overheadTable(stepTimes, baseline), ...spaceAndTimeTable(data)];
}

function efficiencyNotes({ study, summary }: ReportData): string[] {
  const selection = selectionLine(summary);
  return [
    ...(study.runs.some(({ run }) => run.timed !== undefined) ? [roundsLine] : []),
    ...(selection === '' ? [] : [selection]),
  ];
}
