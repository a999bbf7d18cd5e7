import type { Analysis } from '../../analysis/analysis.js';
import { comparisonText, type ComparisonOptions } from './comparison.js';
import { headline } from './headline.js';
import { sweepHeadline, sweepText } from './sweep-text.js';

/** What a reader sees of a study. A sweep has more curves than a plot of letters can tell apart: it has none. */
export function studyText(analysis: Analysis, options: ComparisonOptions): string {
  return analysis.study.kind === 'experiment' ? comparisonText(analysis, options) : sweepText(analysis, options);
}

/** The result of a study in a sentence. */
export function studyHeadline({ study, summary }: Analysis): string {
  return study.kind === 'experiment' ? headline(summary.comparisons[0]!) : sweepHeadline(summary);
}
