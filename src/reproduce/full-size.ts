import { SoapBenchError, exitCodes } from '../errors.js';
import { nvidiaDriver } from '../engine/setup/system.js';
import { vocabSizeOf } from '../data/tokenizers/tokenizer.js';
import { planExperiment } from '../experiment/plan.js';
import type { Task } from '../experiment/tasks.js';
import { tuningBounds } from '../experiment/tuning-bounds.js';
import { modelParameters, parameterCounts } from '../model/parameters.js';
import { countText, plural } from '../format.js';
import type { OpenExperiment, OpenFigure } from './open-figure.js';

/**
 * Says what the paper's own sizes take, where there is nothing to train them on.
 * @throws {SoapBenchError} `too_much` (exit code 2).
 */
export function assertNotTooMuch(figures: readonly OpenFigure[]): void {
  if (nvidiaDriver() !== null) return;
  const lines = figures.flatMap(({ request, experiments }) =>
    experiments.map((experiment) => {
      const { id, kind } = request.figure;
      return `${id} ${experiment.name}: ${kind === 'timed' ? 'steps are timed' : workText(experiment)}`;
    }),
  );
  throw new SoapBenchError(
    'too_much',
    `the paper's own sizes are for GPUs, and there is none here:\n  ${lines.join('\n  ')}`,
    {
      exitCode: exitCodes.usage,
      hint: 'leave --profile out for what a small machine can do, or add --yes',
    },
  );
}

/** `at least 25 runs of 367,734,784 parameters, 168 billion tokens in all, 3.7e+20 operations` */
function workText({ sweep }: OpenExperiment): string {
  const tasks = tuningBounds(planExperiment(sweep), () => undefined).least;
  const tokensOf = ({ config: { train } }: Task) => train.steps * train.batch_tokens;
  const sum = (measure: (task: Task) => number) => tasks.reduce((total, task) => total + measure(task), 0);
  // Forward and backward, two operations for a multiplication and its addition.
  const operations = sum((task) => 6 * parametersOf(task) * tokensOf(task));
  const tokens = `${countText(sum(tokensOf) / 1e9)} billion tokens in all`;
  const parameters = countText(Math.max(...tasks.map(parametersOf)));
  return `at least ${plural(tasks.length, 'run')} of ${parameters} parameters, ${tokens}, ${operations.toExponential(1)} operations`;
}

function parametersOf({ config: { model, data } }: Task): number {
  return parameterCounts(modelParameters(model, vocabSizeOf(data.tokenizer, data.vocab_size))).total;
}
