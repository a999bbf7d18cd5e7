import { csvText } from '../../files/csv.js';
import type { Chart } from './chart.js';

/** A row for every point of a chart, and for every line across it; a miss is `inf`. */
export function chartCsv({ x, y, series, lines }: Chart): string {
  const points = series.flatMap(({ name, what, points: ofSeries }) =>
    ofSeries.map(([atX, atY]) => [name, what, atX, atY]),
  );
  const across = lines.map(({ name, axis, at }) => [name, 'line', axis === 'x' ? at : '', axis === 'y' ? at : '']);
  return csvText([['series', 'what', x.key, y.key], ...points, ...across]);
}
