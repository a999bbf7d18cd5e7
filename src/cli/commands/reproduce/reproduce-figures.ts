import { analyse } from '../../../analysis/analysis.js';
import { splitWords } from '../../../config/overrides.js';
import { SoapBenchError, exitCodes } from '../../../errors.js';
import type { ChildOutcome } from '../../../experiment/child-run.js';
import type { FigureRequest } from '../../../reproduce/figure-request.js';
import { figureNamed, figures } from '../../../reproduce/figures.js';
import { assertNotTooMuch } from '../../../reproduce/full-size.js';
import { listFigures } from '../../../reproduce/list-figures.js';
import { openFigure } from '../../../reproduce/open-figure.js';
import { trainFigure, type FigureObserver } from '../../../reproduce/train-figure.js';
import { writeStudyFiles } from '../../../report/csv/study-files.js';
import { readStudy } from '../../../results/study.js';
import { exitCodeOf } from '../../exit-code.js';
import { stopTraining } from '../../stop-signals.js';
import { note, print, printJson } from '../../terminal/output.js';
import { stepTimeLines } from '../../terminal/step-time-lines.js';
import { trainingScreen } from '../../terminal/training-screen.js';
import { printFigureLists, totalText } from './reproduce-dry-run.js';
import { figureResult, figureResultJson, figureResultText, type FigureResult } from './reproduce-result.js';
import type { ReproduceOptions } from './reproduce-options.js';
import { plural } from '../../../format.js';

/** Runs the figures that are named, or all of them, one after the other. */
export async function reproduceFigures(words: readonly string[], options: ReproduceOptions): Promise<void> {
  const { json = false, quiet = json, jobs, dryRun = false, yes = false, output: root = 'results/paper' } = options;
  const requests = requestsOf(words, options);
  // All are read before anything is trained: a mistake in the last one should not show hours later.
  const opened = requests.map((request) => openFigure(request, root));
  if (options.profile === 'full' && !yes && !dryRun) assertNotTooMuch(opened);
  const isAll = requests.length === figures.length;
  const observer = figureScreen({ quiet });
  if (dryRun || (isAll && !quiet)) {
    if (!dryRun) note(`all ${plural(requests.length, 'figure')}; how long that takes is measured first`);
    const lists = await listFigures(opened, { jobs, observer });
    if (dryRun) printFigureLists(lists, { json });
    else note(`${totalText(lists)}\n`);
    if (dryRun) return;
  }
  const signal = stopTraining('the same words again', { quiet });
  const outcomes = new Map<string, ChildOutcome | undefined>();
  const results: FigureResult[] = [];
  for (const figure of opened) {
    if (signal.aborted) break;
    const ofFigure = await trainFigure(figure, { jobs, signal, observer });
    for (const [name, outcome] of ofFigure) outcomes.set(`${figure.request.figure.id} ${name}`, outcome);
    const result = figureResult(figure);
    if (result === undefined) continue;
    if (!json) print(`${results.length === 0 ? '' : '\n'}${figureResultText(result)}`);
    results.push(result);
  }
  if (json) printJson({ figures: results.map(figureResultJson) });
  process.exitCode = exitCodeOf(outcomes.values(), { stop: signal });
}

/** What the terminal shows of a figure; what follows from an experiment's runs is written down as soon as they have ended. */
function figureScreen(output: { readonly quiet: boolean }): FigureObserver {
  const say = output.quiet ? () => undefined : note;
  return Object.assign(trainingScreen(output), stepTimeLines(say), {
    experimentStarted: ({ name, folder }, { request }) => {
      say(`\n${request.figure.id} ${name}, in ${folder}`);
    },
    experimentTrained: ({ folder }) => {
      writeStudyFiles(analyse(readStudy(folder)));
    },
  } satisfies FigureObserver);
}

/** What the words ask for: names of figures, and what is changed in their configurations. */
function requestsOf(words: readonly string[], options: ReproduceOptions): FigureRequest[] {
  const { files, overrides } = splitWords(words);
  const isYaml = (word: string) => /\.ya?ml$/.test(word);
  const names = files.filter((word) => !isYaml(word));
  const changes = { files: files.filter(isYaml), overrides };
  if (changes.files.length + overrides.length > 0 && options.output === undefined) throw changedWithoutFolder();
  const { profile, protocol, scale = null } = options;
  const named = names.length === 0 ? figures : [...new Set(names)].map(figureNamed);
  // Where nothing is trained, there is no protocol: of all figures, those are left out.
  const chosen = names.length === 0 && protocol !== 'paper' ? named.filter(({ kind }) => kind === 'trained') : named;
  return chosen.map((figure) => ({ figure, profile, protocol, scale, changes }));
}

function changedWithoutFolder(): SoapBenchError {
  return new SoapBenchError('output_missing', 'a figure with changes of your own needs a folder of its own', {
    exitCode: exitCodes.usage,
    hint: 'name it with --output; results/paper is for the figures as their files have them',
  });
}
