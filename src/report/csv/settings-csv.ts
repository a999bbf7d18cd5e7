import { csvText } from '../../files/csv.js';
import { measures, type SettingRow, type Summary } from '../../analysis/summary.js';
import { edgeText } from '../../analysis/tuning.js';
import { sweptCells, sweptColumns } from './swept-columns.js';
import type { Statistics } from '../text/statistics-text.js';

const statisticsKeys = ['n', 'mean', 'sd', 'low', 'high'] as const satisfies readonly (keyof Statistics)[];

/** A header and a row for every setting; swept values stand behind the numbers. What is not known is `nan`. */
export function settingsCsv({ rows, swept }: Summary): string {
  const columns = measures.flatMap((measure) => statisticsKeys.map((key) => `${measure}_${key}`));
  const header = ['setting', 'label', 'optimizer', 'lr', 'baseline', 'edge', 'seeds', ...columns, 't', 'p', 'p_holm'];
  const own = sweptColumns(swept, header);
  const cells = rows.map((row) => {
    const { optimizer, lr } = row.tasks[0]!.row;
    const numbers = measures.flatMap((measure) => {
      const statistics = row.statistics[measure];
      return statisticsKeys.map((key) => statistics?.[key] ?? (key === 'n' ? 0 : NaN));
    });
    const test = (['t', 'p', 'p_holm'] as const).map((key) => row.test?.[key] ?? NaN);
    const { title, label, isBaseline, edges } = row;
    return [
      title,
      label,
      optimizer,
      lr,
      isBaseline,
      edgeText(edges),
      seedsText(row),
      ...numbers,
      ...test,
      ...sweptCells(row, own),
    ];
  });
  return csvText([[...header, ...own], ...cells]);
}

function seedsText({ tasks }: SettingRow): string {
  return tasks.map(({ row }) => row.seed).join(' ');
}
