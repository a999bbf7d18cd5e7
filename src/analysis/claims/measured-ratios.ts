import { efficiencyOf, type EfficiencyRow } from '../efficiency/efficiency.js';
import { rowRatioText } from '../efficiency/ratio-text.js';
import type { RatioClaim } from '../../reproduce/claim.js';
import { moreToDecideText } from '../../statistics/more-to-decide.js';
import type { Analysis } from '../analysis.js';
import { notMeasured, type Located } from './measured.js';

/**
 * What an optimizer needs over what another one needs for its final loss, as the paper has it: from a curve through its own
 * trainings of several lengths. One number a group of trainings that are compared with each other.
 */
export function measuredRatios({ measure, optimizer, baseline, batch }: RatioClaim, data: Analysis): Located[] {
  const all = baseline === data.study.baseline ? data.efficiency : efficiencyOf({ ...data.study, baseline });
  const rows = all.filter(({ method, label }) => method === 'fit' && label === optimizer);
  if (rows.length === 0) {
    return [notMeasured(`${optimizer} and ${baseline} have not been trained for several lengths each`)];
  }
  const smallest = Math.min(...data.study.runs.map(({ config }) => config.train.batch_tokens));
  const ofSmallest = rows.filter(({ group }) => group.split(' ').includes(`train.batch_tokens=${smallest}`));
  const chosen = batch === 'smallest' && ofSmallest.length > 0 ? ofSmallest : rows;
  return chosen.map((row) => ({ where: whereOf(row, optimizer), ...ratioOf(row, measure) }));
}

function ratioOf(row: EfficiencyRow, measure: RatioClaim['measure']): Omit<Located, 'where'> {
  const name = measure === 'iterations' ? 'steps_ratio' : 'time_ratio';
  const ratio = row[name];
  const { value, low, high } = ratio;
  const n = row.seeds.length;
  const limit = row.beyond?.[name] ?? NaN;
  if (!Number.isNaN(limit)) {
    // Somewhere between nothing and the shortest training, or beyond the longest.
    const isBelow = row.beyond!.side === 'below';
    const ends = isBelow
      ? { value: 0, low, high: Math.max(high, limit) }
      : { value: Infinity, low: Math.min(low, limit), high };
    const at = (level: number): [number, number] => {
      const [least, most] = ratio.at(level);
      return isBelow ? [least, Math.max(most, limit)] : [Math.min(least, limit), most];
    };
    return { ...ends, n, note: '', text: rowRatioText(row, name), at, toDecide: () => undefined };
  }
  const untimed = 'steps were not timed: other trainings ran beside, and `soap-bench time` has not been run';
  return {
    value,
    low,
    high,
    n,
    note: row.note === '' && Number.isNaN(value) ? untimed : row.note,
    at: (level) => ratio.at(level),
    toDecide: (bound, level) => moreToDecideText(ratio.parts, n, Math.log(value / bound), level),
  };
}

/** What tells the row from others of the same optimizer. */
function whereOf({ title, group }: EfficiencyRow, optimizer: string): string {
  const own = title === optimizer ? '' : title.slice(optimizer.length + 1);
  return [own, group].filter((part) => part !== '').join(' ');
}
