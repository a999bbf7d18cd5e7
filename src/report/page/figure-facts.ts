import { splitWords } from '../../config/overrides.js';
import { figureExperiments, runLine } from '../../reproduce/figure-request.js';
import { figureNamed } from '../../reproduce/figures.js';
import { commandLine } from '../../reproduce/command-line.js';
import { figureVariantWords, type FigureFile, type Profile, type Protocol } from '../../reproduce/figure-folder.js';
import { countText, plural } from '../../format.js';
import type { FigureReport } from '../figure-report.js';
import type { ReportData } from '../report-data.js';
import { tokensAParameter } from './facts.js';
import type { Fact } from './fact.js';

const profileTexts: Readonly<Record<Profile, string>> = {
  quick: 'quick: minutes on a laptop; whether it works, not what the paper measured',
  standard: 'standard: scaled to one sitting on a laptop',
  full: 'full: the paper’s own sizes',
};

const protocolTexts: Readonly<Record<Protocol, string>> = {
  paper: 'paper: trained as the paper says',
  strong: 'strong: the recipe of the paper’s critics (arXiv:2509.01440)',
};

/** How a figure was run and at which scale, an experiment a line. */
export function figureFacts({ file, figure, experiments }: FigureReport): Fact[] {
  return [
    ['profile', profileTexts[file.profile]],
    ...(figure.kind === 'timed' ? [] : [['protocol', protocolTexts[file.protocol]] as const]),
    ...(file.scale === null ? [] : [['scale', `the models at ${file.scale}`] as const]),
    ...experiments.map(({ name, data }): Fact => [name, scaleText(data)]),
  ];
}

/** `npx soap-bench reproduce headline --profile quick` */
export function reproduceLine(file: FigureFile): string {
  return commandLine(['reproduce', ...figureVariantWords(file)]);
}

/** What does the same with each experiment by itself, as ordinary sweeps: `npx soap-bench run configs/paper/headline-360m.yaml …` */
export function runLines({ figure, profile, protocol, scale, changes = [] }: FigureFile): string[] {
  const request = { figure: figureNamed(figure), profile, protocol, scale, changes: splitWords(changes) };
  const root = changes.length === 0 ? 'results/paper' : 'FOLDER';
  return figureExperiments(request, root).map((experiment) => runLine(request, experiment));
}

/** `3 layers × 128; 853,632 parameters; up to 1,638,400 tokens, 1.9 a parameter` */
export function scaleText(data: ReportData): string {
  const { config, run } = data.study.runs[0] ?? {};
  if (config === undefined) return 'options are being chosen';
  const { n_layer, d_model } = config.model;
  if (data.isTimedOnly) {
    const counts = [
      `${countText(data.study.stepTimes[0]!.parameters)} parameters`,
      `${countText(config.train.batch_tokens)} tokens a step`,
    ];
    return [`${plural(n_layer, 'layer')} × ${d_model}`, ...counts].join('; ');
  }
  const parameters = run?.status?.parameters;
  return [
    `${plural(n_layer, 'layer')} × ${d_model}`,
    ...(parameters === undefined ? [] : [plural(parameters, 'parameter')]),
    tokensAParameter(data),
  ].join('; ');
}
