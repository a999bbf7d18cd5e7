import { join } from 'node:path';
import { createColors } from '../../terminal.js';
import type { Experiment, Run } from '../../results/read.js';
import { textTable } from '../../table/text.js';
import { comparisonTable } from '../tables/comparison-table.js';
import { plural, wrapText } from '../../format.js';
import { headline, targetText } from './headline.js';
import { lossPlot } from './loss-plot.js';
import type { Summary } from '../../analysis/summary.js';

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
export function comparisonText(experiment: Experiment, summary: Summary, options: ComparisonOptions): string {
  const { width, color, plot } = options;
  const colors = createColors(color);
  const { bold, dim } = colors;
  const { directory, config } = experiment;
  const { batch_tokens } = config.train;
  const parameters = experiment.runs.find(({ status }) => status?.parameters !== undefined)?.status?.parameters;
  const each =
    parameters === undefined
      ? ''
      : `, ${((summary.steps * batch_tokens) / parameters).toPrecision(2)} tokens a parameter`;
  const steps = `${plural(summary.steps, 'step')} of ${plural(batch_tokens, 'token')}${each}`;
  const blocks = [
    `${wrapText(`${summary.name}: ${steps}; target: ${targetText(summary)}.`, width)}\n${computedWith(experiment.runs)}`,
    textTable(comparisonTable(summary), { width, colors, elsewhere: 'summary.csv has them.' }).join('\n'),
    bold(wrapText(headline(summary), width)),
    ...(summary.rows.length > 1 ? [dim(wrapText(oneSeedLine, width))] : []),
    ...(plot ? [lossPlot(experiment, { target: summary.target, width, height: 16, color })] : []),
    `${join(directory, 'summary.csv')}\n${join(directory, 'runs', '*', '{metrics,eval}.csv')}`,
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
