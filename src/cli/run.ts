import type { Command } from 'commander';
import type { EngineChoice } from '../engine/engine.js';
import { compileOption, engineOption } from './engine-option.js';
import { note } from './output.js';

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
  const isQuiet = options.quiet === true || asJson;
  const say = isQuiet ? () => undefined : note;
  const data = await experiment.prepareExperimentData(config, firstTime(say));
  const folder = experiment.createExperimentFolder(config, data, options.output);
  say(experimentHeader(config));

  const { trainExperiment } = await import('./train-experiment.js');
  const requireTarget = options.requireTarget === true;
  await trainExperiment(config, folder, data, { requireTarget, json: asJson, quiet: isQuiet });
}

/** Says that the data are being prepared when they are, once. */
function firstTime(say: (line: string) => void): () => void {
  let said = false;
  return () => {
    if (!said) say('preparing the data, once ...');
    said = true;
  };
}
