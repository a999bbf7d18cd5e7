import { mean } from '../statistics/mean.js';
import { statisticsOf } from '../statistics/statistics.js';
import type { SettingRow, Summary } from './summary.js';
import { decimalText, plural } from '../format.js';

/**
 * How much the choice of options flatters what is reported, where the seed that chose is one of the reported ones: by how
 * much final losses with that seed are below those with the others. Empty where it is none of them.
 */
export function selectionLine({ rows, tuning }: Summary): string {
  const settled = tuning.flatMap(({ chosen, tried }) =>
    chosen === undefined ? [] : [{ chosen, seed: tried[0]!.seed }],
  );
  const lucks = settled.flatMap(({ chosen, seed }) => {
    const titles = chosen.flatMap(({ settings }) => settings);
    return rows.filter(({ title }) => titles.includes(title)).flatMap((row) => luckOf(row, seed) ?? []);
  });
  const found = statisticsOf(lucks);
  if (found === undefined) return '';
  const text = (loss: number) => decimalText(loss, 3);
  const interval = Number.isNaN(found.low) ? '' : ` [${text(found.low)}, ${text(found.high)}]`;
  const seeds = [...new Set(settled.map(({ seed }) => seed))].join(', ');
  return (
    `Options were chosen with seed ${seeds}, which is reported too: its final losses differ from those of the other seeds ` +
    `by ${text(found.mean)}${interval} nats (mean of ${plural(found.n, 'setting')}). Below 0, the choice flatters what is reported.`
  );
}

/** The loss with a seed less the mean of the others; undefined without either. */
function luckOf({ tasks }: SettingRow, seed: number): number | undefined {
  const losses = tasks.map(({ row }) => ({ seed: row.seed, loss: row.final_loss ?? NaN }));
  const own = losses.find((one) => one.seed === seed)?.loss ?? NaN;
  const luck = own - mean(losses.filter((one) => one.seed !== seed).map(({ loss }) => loss));
  return Number.isFinite(luck) ? luck : undefined;
}
