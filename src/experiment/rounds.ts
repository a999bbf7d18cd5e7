import { groupBy } from '../group-by.js';
import type { ListedTuning } from '../results/tasks.js';
import { decide } from '../tuning/decide.js';
import { admits, settingChoices, settingConfig } from '../tuning/setting.js';
import type { Decision, Template, Trial, Tuning, Values } from '../tuning/tuning.js';
import { taskId } from '../config/digest.js';
import { baselineFirst, taskOf, type Task } from './tasks.js';

/** What is trained in a folder: tasks that are known, and tunings, whose tasks depend on what others come to. */
export interface ExperimentPlan {
  /** How its folder lists it: an experiment by config.yaml, a sweep by tasks.json. */
  readonly kind: 'experiment' | 'sweep';
  readonly name: string;
  readonly baseline: string;
  /** The tasks of the optimizers that are not tuned. */
  readonly fixed: readonly Task[];
  readonly tunings: readonly Tuning[];
}

export interface PlannedTrial extends Trial {
  readonly task: Task;
}

export interface PlannedTuning {
  readonly tuning: Tuning;
  readonly decision: Decision;
  readonly trials: readonly PlannedTrial[];
}

/** What an experiment consists of, as far as that is known: all of it where nothing is tuned. */
export interface Round {
  /** The trainings that are compared: of tuned optimizers, what was chosen, with every budget and seed. */
  readonly compared: readonly Task[];
  readonly tunings: readonly PlannedTuning[];
}

/** What is known of a task's final validation loss; Infinity for one that diverged or failed. */
export type LossOf = (id: string) => number | undefined;

/** A function from the losses that are known to what follows from them. */
export function planner({
  baseline,
  fixed,
  tunings,
}: Pick<ExperimentPlan, 'baseline' | 'fixed' | 'tunings'>): (lossOf: LossOf) => Round {
  const planOne = tunings.map(tuningPlanner);
  return (lossOf) => {
    const planned = planOne.map((plan) => plan(lossOf));
    const compared = baselineFirst([...fixed, ...planned.flatMap(({ chosen }) => chosen)], baseline);
    return { compared, tunings: planned };
  };
}

/** All tasks of a round, each once: those that choices are made by come first. */
export function tasksOf({ compared, tunings }: Round): Task[] {
  const all = [...tunings.flatMap(({ trials }) => trials.map(({ task }) => task)), ...compared];
  return [...new Map(all.toReversed().map((task) => [task.id, task])).values()].toReversed();
}

/** The tasks that are known before anything has been trained. */
export function firstTasks(plan: ExperimentPlan): Task[] {
  return tasksOf(planner(plan)(() => undefined));
}

/** The tunings of a round as tasks.json lists them. */
export function listedTunings({ tunings }: Round): ListedTuning[] {
  return tunings.map(({ tuning, trials }) => ({
    ...tuning,
    tried: trials.map(({ task, values, budget, stage }) => ({ ...task, values, budget, stage })),
  }));
}

function tuningPlanner(tuning: Tuning): (lossOf: LossOf) => PlannedTuning & { chosen: Task[] } {
  const { label, templates } = tuning;
  // The same few settings are asked about again and again, and each has to be checked as a whole configuration.
  const taskFor = remembered((template: Template, values: Values): Task => {
    const config = settingConfig(template, values);
    const choices = settingChoices(tuning, template, values);
    return taskOf({ id: taskId(config), optimizer: label, choices, seed: template.seed, config });
  });
  const admitted = remembered((_template: Template, values: Values) => admits(tuning, values));
  const tried = trialTemplates(tuning);
  const templateOf = (budget: number) => tried.find(({ config }) => config.train.steps === budget)!;
  return (lossOf) => {
    const decision = decide(tuning, {
      lossOf: (values, budget) => lossOf(taskFor(templateOf(budget), values).id),
      admits: (values) => admitted(templates[0]!, values),
    });
    const trials = decision.trials.map((trial) => ({
      ...trial,
      task: taskFor(templateOf(trial.budget), trial.values),
    }));
    const chosen = templates.flatMap((template) => {
      const winner = decision.winners?.get(template.config.train.steps);
      return winner === undefined ? [] : [taskFor(template, winner.values)];
    });
    return { tuning, decision, trials, chosen };
  };
}

/** One for every budget, with the seed that choices are made with. */
function trialTemplates({ templates, seed }: Tuning): Template[] {
  const ofBudgets = [...groupBy(templates, ({ config }) => config.train.steps).values()].map(([first]) => first!);
  return ofBudgets.map((template) => ({ ...template, seed, config: { ...template.config, seed } }));
}

function remembered<T>(make: (template: Template, values: Values) => T): (template: Template, values: Values) => T {
  const made = new Map<Template, Map<string, T>>();
  return (template, values) => {
    const ofTemplate = made.get(template) ?? new Map<string, T>();
    made.set(template, ofTemplate);
    const key = JSON.stringify(values);
    if (!ofTemplate.has(key)) ofTemplate.set(key, make(template, values));
    return ofTemplate.get(key)!;
  };
}
