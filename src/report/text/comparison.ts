import { join } from 'node:path';
import { createColors } from '../../terminal.js';
import type { Analysis } from '../../analysis/analysis.js';
import type { Run } from '../../results/read-run.js';
import { textTable } from '../../table/text.js';
import { comparisonTable } from '../tables/comparison-table.js';
import { plural, wrapText } from '../../format.js';
import { headline, targetText } from './headline.js';
import { lossPlot } from './loss-plot.js';

export interface ComparisonOptions {
  /** Characters a line may have. */
  readonly width: number;
  readonly color: boolean;
  /** Whether the loss curves follow the table. */
  readonly plot: boolean;
}

/** What a single training of each cannot tell. */
const oneSeedLine =
  'One seed has no interval: close ones may change places with another seed or machine. seeds=0,1,2 trains three.';

/** What a reader sees of an experiment: headline, table, loss curves, where the numbers are. */
export function comparisonText({ study, summary }: Analysis, options: ComparisonOptions): string {
  const { width, color, plot } = options;
  const colors = createColors(color);
  const { bold, dim } = colors;
  const comparison = summary.comparisons[0]!;
  const runs = study.runs.map(({ run }) => run);
  const { batch_tokens } = study.runs[0]!.config.train;
  const parameters = runs.find(({ status }) => status?.parameters !== undefined)?.status?.parameters;
  const each =
    parameters === undefined
      ? ''
      : `, ${((comparison.steps * batch_tokens) / parameters).toPrecision(2)} tokens a parameter`;
  const steps = `${plural(comparison.steps, 'step')} of ${plural(batch_tokens, 'token')}${each}`;
  const blocks = [
    `${wrapText(`${comparison.name}: ${steps}; target: ${targetText(comparison)}.`, width)}\n${computedWith(runs)}`,
    textTable(comparisonTable(comparison), { width, colors, elsewhere: 'summary.csv has them.' }).join('\n'),
    bold(wrapText(headline(comparison), width)),
    ...(comparison.rows.length > 1 ? [dim(wrapText(oneSeedLine, width))] : []),
    ...(plot ? [lossPlot(runs, { target: comparison.target, width, height: 16, color })] : []),
    `${join(study.folder, 'summary.csv')}\n${join(study.folder, 'runs', '*', '{metrics,eval}.csv')}`,
  ];
  return blocks.join('\n\n');
}

/** Times compare only on the same engine and device: when these differ, every run names its own. */
export function computedWith(runs: readonly Run[]): string {
  const known = runs.flatMap(({ label, environment }) => {
    if (environment === undefined) return [];
    const { engine, engine_version, device } = environment;
    return [{ label, text: `${engine} ${engine_version} on ${device}` }];
  });
  const different = new Set(known.map(({ text }) => text));
  if (different.size <= 1) return `Computed with ${known[0]?.text ?? 'an unknown engine'}.`;
  const lines = known.map(({ label, text }) => `  ${label}: ${text}`);
  return ['Training times do not compare, the runs were computed differently:', ...lines].join('\n');
}
