import { csvText } from '../../files/csv.js';
import { measures, type SettingRow, type Summary } from '../../analysis/summary.js';
import { edgeText } from '../../analysis/tuning.js';
import type { Statistics } from '../text/statistics-text.js';

const statisticsKeys = ['n', 'mean', 'sd', 'low', 'high'] as const satisfies readonly (keyof Statistics)[];

/** A header and a row for every setting. What is not known is `nan`. */
export function settingsCsv({ rows }: Summary): string {
  const columns = measures.flatMap((measure) => statisticsKeys.map((key) => `${measure}_${key}`));
  const header = ['setting', 'label', 'optimizer', 'lr', 'baseline', 'edge', 'seeds', ...columns, 't', 'p', 'p_holm'];
  const cells = rows.map((row) => {
    const { optimizer, lr } = row.tasks[0]!.row;
    const numbers = measures.flatMap((measure) => {
      const statistics = row.statistics[measure];
      return statisticsKeys.map((key) => statistics?.[key] ?? (key === 'n' ? 0 : NaN));
    });
    const test = (['t', 'p', 'p_holm'] as const).map((key) => row.test?.[key] ?? NaN);
    const { title, label, isBaseline, edges } = row;
    return [title, label, optimizer, lr, isBaseline, edgeText(edges), seedsText(row), ...numbers, ...test];
  });
  return csvText([header, ...cells]);
}

function seedsText({ tasks }: SettingRow): string {
  return tasks.map(({ row }) => row.seed).join(' ');
}
