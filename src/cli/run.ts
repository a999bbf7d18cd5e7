import type { Command } from 'commander';
import type { EngineChoice } from '../engine/engine.js';
import { exitCodes } from '../errors.js';
import type { ExperimentObserver, ExperimentOutcomes } from '../experiment/run-experiment.js';
import { compileOption, engineOption } from './engine-option.js';
import { note, warn } from './output.js';

interface RunOptions {
  engine?: EngineChoice;
  compile: boolean;
  output?: string;
  dryRun?: boolean;
  requireTarget?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** `soap-bench run`: trains an experiment's optimizers and says who reached the target first. */
export function registerRun(program: Command): void {
  program
    .command('run')
    .description('train the optimizers of an experiment and compare them')
    .argument('<words...>', 'YAML files, merged from left to right, then key=value and ~key words')
    .addOption(engineOption())
    .addOption(compileOption())
    .option('--output <folder>', 'where the results go; results/<experiment>/<time> when left out')
    .option('--dry-run', 'print the complete configuration and the runs; train nothing, write nothing')
    .option('--require-target', 'end with 3 when an optimizer did not reach the target')
    .option('--json', 'print one JSON document instead of tables')
    .option('--quiet', 'print only the result')
    .addHelpText(
      'after',
      `
Examples:
  soap-bench run configs/quickstart.yaml
  soap-bench run configs/quickstart.yaml train.steps=400 optimizers.soap.lr=1e-3
  soap-bench run configs/quickstart.yaml '~optimizers.shampoo' target=4.2 --require-target
  soap-bench run configs/quickstart.yaml --dry-run

Ends with 0 when every run came to its end, 2 for a mistake in the configuration, 3 for a missed target with
--require-target, 4 when a run diverged, 5 when one failed, 130 when interrupted.`,
    )
    .action(run);
}

async function run(words: string[], options: RunOptions): Promise<void> {
  const { loadExperiment } = await import('../config/load.js');
  const { splitWords } = await import('../config/overrides.js');
  const { experimentHeader, printPlan } = await import('./dry-run.js');
  const asJson = options.json === true;
  const loaded = loadExperiment(splitWords(words));
  const config = {
    ...loaded,
    engine: options.engine ?? loaded.engine,
    compile: options.compile && loaded.compile,
  };
  if (options.dryRun === true) {
    printPlan(config, asJson);
    return;
  }

  const experiment = await import('../experiment/run-experiment.js');
  const { planRuns } = await import('../experiment/plan.js');
  const { RunScreen } = await import('./run-screen.js');
  const isQuiet = options.quiet === true || asJson;
  const say = isQuiet ? () => undefined : note;
  const data = await experiment.prepareExperimentData(config, firstTime(say));
  const folder = experiment.createExperimentFolder(config, data, options.output);
  say(experimentHeader(config));

  const screen = isQuiet
    ? undefined
    : new RunScreen(
        config,
        planRuns(config).map(({ label }) => label),
      );
  const stop = stopOnSignals(say);
  let outcomes: ExperimentOutcomes;
  try {
    outcomes = await experiment.runExperiment(config, folder, data, screen ?? unobserved, stop);
  } finally {
    screen?.close();
  }
  warnOfTrouble(outcomes);

  const { writeSummary } = await import('../report/summary-csv.js');
  const { showResults } = await import('./results.js');
  writeSummary(folder);
  const { rows } = showResults(folder, { plot: true, json: asJson });
  const missesTarget = rows.some(({ reached }) => reached !== true);
  process.exitCode = exitCodeOf(outcomes, stop.aborted, options.requireTarget === true && missesTarget);
}

const unobserved: ExperimentObserver = {
  runStarted: () => undefined,
  message: () => undefined,
  runEnded: () => undefined,
};

/** Says that the data are being prepared when they are, once. */
function firstTime(say: (line: string) => void): () => void {
  let said = false;
  return () => {
    if (!said) say('preparing the data, once ...');
    said = true;
  };
}

/** Aborts at the first Ctrl-C or SIGTERM: the step is finished and what there is gets written. The second one kills. */
function stopOnSignals(say: (line: string) => void): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      say('\nstopping after this step; again to stop at once');
      stop.abort();
    });
  }
  return stop.signal;
}

function warnOfTrouble(outcomes: ExperimentOutcomes): void {
  for (const [label, outcome] of outcomes) {
    if (outcome.kind === 'error') {
      warn(`${label} failed: ${outcome.message}`);
      if (outcome.hint !== undefined) note(`  ${outcome.hint}`);
    } else if (outcome.state === 'diverged') warn(`${label} diverged: ${outcome.message ?? ''}`);
  }
}

function exitCodeOf(outcomes: ExperimentOutcomes, isInterrupted: boolean, missesTarget: boolean): number {
  const all = [...outcomes.values()];
  const errors = all.filter((outcome) => outcome.kind === 'error');
  if (isInterrupted) return exitCodes.interrupted;
  if (errors.length > 0) {
    const noEngine = errors.every(({ code }) => code === 'engine_unavailable');
    return noEngine ? exitCodes.unavailable : exitCodes.runsFailed;
  }
  if (all.some((outcome) => outcome.kind === 'outcome' && outcome.state === 'diverged')) return exitCodes.diverged;
  return missesTarget ? exitCodes.targetNotReached : exitCodes.done;
}
