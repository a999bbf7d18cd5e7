import type { Command } from 'commander';
import type { Variant } from '../config/expand.js';
import type { LoadedSweep } from '../config/load.js';
import type { ExperimentConfig } from '../config/schema.js';
import type { EngineChoice } from '../engine/engine.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { compileOption, engineOption } from './engine-option.js';
import { note } from './output.js';
import type { TrainingOutput } from './train-experiment.js';

interface RunOptions {
  engine?: EngineChoice;
  compile: boolean;
  output?: string;
  dryRun?: boolean;
  rerun?: boolean;
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
    .option('--output <folder>', 'where the results go; results/<experiment>/<time> (a sweep: …/sweep) when left out')
    .option(
      '--dry-run',
      'print the complete configuration and the runs, of a sweep its tasks and their time; write nothing',
    )
    .option('--rerun', 'train the tasks of a sweep again that are finished already')
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
  soap-bench run configs/quickstart.yaml seeds=0,1,2 optimizers.soap.precondition_frequency=1,5,10

Lists are sweeps: every combination is trained, and a finished task is never trained again. Adding a value trains what is
new.

Ends with 0 when every run came to its end, 2 for a mistake in the configuration, 3 for a missed target with
--require-target, 4 when a run diverged, 5 when one failed, 130 when interrupted.`,
    )
    .action(run);
}

async function run(words: string[], options: RunOptions): Promise<void> {
  const { loadSweep } = await import('../config/load.js');
  const { splitWords } = await import('../config/overrides.js');
  const loaded = loadSweep(splitWords(words));
  const withOptions = (config: ExperimentConfig) => ({
    ...config,
    engine: options.engine ?? config.engine,
    compile: options.compile && config.compile,
  });
  const config = withOptions(loaded.config);
  const variants = loaded.variants?.map((variant) => ({ ...variant, config: withOptions(variant.config) }));
  if (variants !== undefined) await runTasks({ ...loaded, config, variants }, options);
  else await runOnce(config, options);
}

/** Trains every optimizer once. */
async function runOnce(config: ExperimentConfig, options: RunOptions): Promise<void> {
  const { experimentHeader, printPlan } = await import('./dry-run.js');
  const output = trainingOutput(options);
  if (options.rerun === true) throw nothingToRerun();
  if (options.dryRun === true) {
    printPlan(config, output.json);
    return;
  }
  const experiment = await import('../experiment/run-experiment.js');
  const say = output.quiet ? () => undefined : note;
  const data = await experiment.prepareExperimentData(config, firstTime(say));
  const folder = experiment.createExperimentFolder(config, data, options.output);
  say(experimentHeader(config));
  const { trainExperiment } = await import('./train-experiment.js');
  await trainExperiment(config, folder, data, output);
}

/** Trains what is not finished of a sweep. */
async function runTasks(sweep: LoadedSweep & { variants: readonly Variant[] }, options: RunOptions): Promise<void> {
  const { planTasks } = await import('../experiment/tasks.js');
  const experiment = await import('../experiment/run-sweep.js');
  const output = trainingOutput(options);
  const say = output.quiet ? () => undefined : note;
  const tasks = planTasks(sweep.variants, sweep.config.baseline);
  const dataOf = await experiment.prepareSweepData(tasks, firstTime(say));
  const rerun = options.rerun === true;
  const { printTasks, sweepHeader } = await import('./dry-run-sweep.js');
  if (options.dryRun === true) {
    await printTasks(sweep.config, tasks, {
      dataOf,
      output: options.output,
      rerun,
      json: output.json,
      quiet: output.quiet,
    });
    return;
  }
  const folder = experiment.sweepFolder(sweep.config, options.output);
  const earlier = rerun ? new Map<string, never>() : experiment.finishedTasks({ folder, tasks, dataOf });
  experiment.openSweepFolder(sweep, tasks, folder);
  say(sweepHeader(sweep.config, tasks, experiment.pendingTasks({ tasks, earlier })));
  const { trainSweep } = await import('./train-experiment.js');
  await trainSweep(folder, { tasks, dataOf, earlier }, output);
}

function trainingOutput({ requireTarget, json, quiet }: RunOptions): TrainingOutput {
  return { requireTarget: requireTarget === true, json: json === true, quiet: quiet === true || json === true };
}

function nothingToRerun(): SoapBenchError {
  return new SoapBenchError(
    'nothing_to_rerun',
    '--rerun is for sweeps and several seeds; here every run is a new one anyway',
    {
      exitCode: exitCodes.usage,
      hint: 'leave --rerun out',
    },
  );
}

/** Says that the data are being prepared when they are, once. */
function firstTime(say: (line: string) => void): () => void {
  let said = false;
  return () => {
    if (!said) say('preparing the data, once ...');
    said = true;
  };
}
