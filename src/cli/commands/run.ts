import { Option, type Command } from 'commander';
import type { LoadedSweep } from '../../config/load.js';
import type { SharedConfig } from '../../config/schema.js';
import type { EngineChoice } from '../../engine/engine.js';
import { SoapBenchError, exitCodes } from '../../errors.js';
import { compileOption, engineOption, jobsOption } from '../options.js';

interface RunOptions {
  engine?: EngineChoice;
  compile: boolean;
  output?: string;
  dryRun?: boolean;
  rerun?: boolean;
  jobs: number;
  launcher?: 'slurm' | 'kubernetes';
  render?: string;
  tensorboard?: boolean;
  requireTarget?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** `soap-bench run`: trains an experiment's optimizers and says who reached the target first. */
export function registerRun(program: Command): void {
  program
    .command('run')
    .description('train the optimizers of an experiment and compare them')
    .argument('<config...>', 'YAML files, merged from left to right, then overrides: key=value sets, ~key removes')
    .addOption(engineOption())
    .addOption(compileOption())
    .option('--output <folder>', 'where the results go; results/<experiment>/<time> (a sweep: …/sweep) when left out')
    .option(
      '--dry-run',
      'print the complete configuration and the runs, of a sweep its tasks and their time; write nothing',
    )
    .addOption(jobsOption())
    .option('--rerun', 'train the tasks of a sweep again that are finished already')
    .addOption(
      new Option('--launcher <name>', 'train elsewhere: slurm submits the tasks, kubernetes writes a manifest')
        .choices(['slurm', 'kubernetes'])
        .conflicts(['requireTarget', 'jobs']),
    )
    .option('--render <file>', 'where --launcher kubernetes writes its manifest; - for standard output')
    .option('--tensorboard', 'also write event files for TensorBoard beside the CSV files')
    .option('--require-target', 'end with 3 when an optimizer did not reach the target')
    .option('--json', 'print one JSON document instead of tables')
    .option('--quiet', 'print only the result')
    .addHelpText(
      'after',
      `
Examples:
  soap-bench run configs/quickstart.yaml
  soap-bench run configs/quickstart.yaml train.steps=400 optimizers.soap.lr=1e-3
  soap-bench run configs/quickstart.yaml '~optimizers.shampoo' target=4.2 \\
      --require-target
  soap-bench run configs/quickstart.yaml --dry-run
  soap-bench run configs/quickstart.yaml seeds=0,1,2 \\
      optimizers.soap.precondition_frequency=1,5,10
  soap-bench run configs/quickstart.yaml seeds=0,1,2 --jobs 2
  soap-bench run configs/quickstart.yaml \\
      optimizers.adamw.tune.lr=1e-3,3e-3,1e-2 \\
      optimizers.soap.tune.lr=3e-3,1e-2,3e-2
  soap-bench run configs/quickstart.yaml seeds=0,1,2 slurm.partition=gpu \\
      --launcher slurm

Lists are sweeps: every combination is trained, and a finished task is never
trained again. Adding a value trains what is new. With \`tune\` an optimizer's
options are chosen by their loss before it is compared (docs/tuning.md).

Ends with 0 when every run came to its end, 2 for a mistake in the
configuration, 3 for a missed target with --require-target, 4 when a run
diverged, 5 when one failed (after a crash it is tried once more), 130 after
Ctrl-C, 75 after SIGTERM or SIGUSR1. After an interruption, resume with
\`soap-bench resume <folder>\`, a sweep also with the same command.`,
    )
    .action(run);
}

async function run(words: string[], options: RunOptions): Promise<void> {
  const { loadSweep } = await import('../../config/load.js');
  const { splitWords } = await import('../../config/overrides.js');
  const { loadAsSweep } = await import('../../experiment/load-as-sweep.js');
  const { fittingQuickstart } = await import('../smaller-quickstart.js');
  const typed = splitWords(words);
  // What is trained elsewhere is sized for there.
  const source = options.launcher === undefined ? await fittingQuickstart(typed, options.engine) : typed;
  // What is handed over to others is a sweep, also when there is a single seed.
  const loaded = options.launcher === undefined ? loadSweep(source) : loadAsSweep(source);
  const withOptions = <T extends SharedConfig>(config: T): T => ({
    ...config,
    engine: options.engine ?? config.engine,
    compile: options.compile && config.compile,
    tensorboard: options.tensorboard === true || config.tensorboard,
  });
  const config = withOptions(loaded.config);
  const variants = loaded.variants?.map((variant) => ({ ...variant, config: withOptions(variant.config) }));
  const tuned = loaded.tuned.map((variant) => ({ ...variant, config: withOptions(variant.config) }));
  const { launcher, render, output, rerun = false, dryRun = false, json = false, quiet = json } = options;
  if (launcher !== 'kubernetes' && render !== undefined) throw nothingToRender();
  if (launcher !== undefined && tuned.length > 0) throw tunedElsewhere();
  const sweep = { ...loaded, config, variants, tuned };
  if (launcher === 'kubernetes') {
    const { renderKubernetes } = await import('../render-kubernetes.js');
    renderKubernetes(sweep, { output, render, quiet });
  } else if (launcher === 'slurm') {
    const { launchSlurm } = await import('../launch-slurm.js');
    await launchSlurm(sweep, { output, rerun, dryRun, json, quiet });
  } else if (dryRun) await printPlanned(sweep, options);
  else {
    const { openFolder } = await import('../../experiment/training-folder.js');
    const { trainAndShow } = await import('../train-and-show.js');
    await trainAndShow(openFolder(sweep, output), options);
  }
}

/** `--dry-run`: of an experiment its configuration, of a sweep its tasks and how long they take. */
async function printPlanned(
  sweep: LoadedSweep,
  { output, jobs, rerun = false, json = false, quiet = json }: RunOptions,
): Promise<void> {
  if (sweep.variants === undefined) {
    const { nothingToRerun } = await import('../../experiment/train-folder.js');
    if (rerun) throw nothingToRerun();
    const { printPlan } = await import('../dry-run.js');
    printPlan(sweep.config, json);
    return;
  }
  const { sweepFolder } = await import('../../experiment/folder.js');
  const { listSweep } = await import('../../experiment/list-sweep.js');
  const { printTasks } = await import('../dry-run-sweep.js');
  const { trainingScreen } = await import('../terminal/training-screen.js');
  const observer = trainingScreen({ quiet: quiet || json });
  const folder = sweepFolder(sweep.config, output);
  printTasks(await listSweep(sweep, { folder, jobs, rerun, observer }), { json });
}

function tunedElsewhere(): SoapBenchError {
  return new SoapBenchError(
    'tuned_here_only',
    'what tune trains depends on earlier results, so that it is trained here',
    {
      exitCode: exitCodes.usage,
      hint: 'leave --launcher out, or write the values to try as lists',
    },
  );
}

function nothingToRender(): SoapBenchError {
  return new SoapBenchError('nothing_to_render', '--render is for manifests, and this is not --launcher kubernetes', {
    exitCode: exitCodes.usage,
    hint: 'add --launcher kubernetes; --launcher slurm --dry-run prints the script for sbatch',
  });
}
