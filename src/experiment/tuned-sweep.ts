import { groupBy } from '../group-by.js';
import type { ListedTuning } from '../results/read-sweep.js';
import { decide } from '../tuning/decide.js';
import { admits, settingChoices, settingConfig } from '../tuning/setting.js';
import type { Decision, Template, Trial, Tuning, Values } from '../tuning/tuning.js';
import { taskId } from '../config/digest.js';
import { taskOf, type Task } from './tasks.js';

/** A sweep some of whose optimizers are tuned: which of their tasks it has depends on what others came to. */
export interface TunedSweep {
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

/** What a tuned sweep consists of, as far as that is known. */
export interface Round {
  /** The trainings that are compared: of tuned optimizers, what was chosen, with every budget and seed. */
  readonly compared: readonly Task[];
  readonly tunings: readonly PlannedTuning[];
}

/** What is known of a task's final validation loss; Infinity for one that diverged or failed. */
export type LossOf = (id: string) => number | undefined;

/** A function from the losses that are known to what follows from them. */
export function planner({ baseline, fixed, tunings }: TunedSweep): (lossOf: LossOf) => Round {
  const planOne = tunings.map(tuningPlanner);
  return (lossOf) => {
    const planned = planOne.map((plan) => plan(lossOf));
    const all = [...fixed, ...planned.flatMap(({ chosen }) => chosen)];
    const isBaseline = ({ optimizer }: Task) => optimizer === baseline;
    const compared = [...all.filter(isBaseline), ...all.filter((task) => !isBaseline(task))];
    return { compared, tunings: planned };
  };
}

/** All tasks of a round, each once: those that choices are made by come first. */
export function tasksOf({ compared, tunings }: Round): Task[] {
  const all = [...tunings.flatMap(({ trials }) => trials.map(({ task }) => task)), ...compared];
  return [...new Map(all.toReversed().map((task) => [task.id, task])).values()].toReversed();
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
    const config = settingConfig(tuning, template, values);
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
