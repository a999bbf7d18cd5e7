import { combinations, grown, hasBeyond, mostAdded, sideOf } from './axis.js';
import type { Axis } from './axis.js';
import type { Decision, Edge, Evidence, Trial, Tuning, Values, Winner } from './tuning.js';

/** The number of learning rates with which the paper tries other options. */
const bestRates = 3;

/**
 * Decides the next trials, or the winners, from the known losses. The same losses always lead to the same trials, so a tuning
 * can be resumed at any point.
 */
export function decide(tuning: Tuning, evidence: Evidence): Decision {
  const search = new Search(tuning, evidence);
  const winners = tuning.protocol === 'paper' ? byPaper(tuning, search) : byGrid(tuning, search);
  return { trials: search.trials, winners };
}

/** Tries all combinations with the largest budget, and uses the best one for all budgets. */
function byGrid({ grid, templates }: Tuning, search: Search): Decision['winners'] {
  const best = search.best(grid.map(fresh), 'grid');
  if (best === undefined) return undefined;
  if (best === 'none') return new Map();
  return new Map(budgetsOf(templates).map((budget) => [budget, search.winner(best, search.budget)]));
}

/**
 * The paper's protocol: first the learning rate, then every other option separately with the three best rates, then every
 * shorter budget with these rates.
 * Source: arXiv:2409.11321, section 5 and appendix A.
 */
function byPaper({ grid, templates }: Tuning, search: Search): Decision['winners'] {
  const own: Values = templates[0]!.config.options;
  const asTheyAre = grid.map(({ key }) => fixed(key, [own[key]]));
  const withRates = (rates: Axis) => asTheyAre.map((axis) => (axis.key === 'lr' ? rates : axis));
  const lr = grid.find(({ key }) => key === 'lr')!;
  const first = search.best(withRates(fresh(lr)), 'lr');
  if (first === undefined) return undefined;
  if (first === 'none') return new Map();
  const rates = fixed('lr', search.rates(bestRates));
  const tables = grid
    .filter(({ key }) => key !== 'lr')
    .map(({ key, values }) => {
      const all = values.some((value) => isSame(value, own[key])) ? values : [own[key], ...values];
      return search.best(replaced(withRates(rates), fresh({ key, values: all })), `lr and ${key}`);
    });
  if (tables.includes(undefined)) return undefined;
  const best = search.overall();
  const chosen = budgetsOf(templates).map((budget): [number, Values | 'none' | undefined] => {
    if (budget === search.budget) return [budget, best];
    const axes = grid.map(({ key }) => (key === 'lr' ? rates : fixed(key, [best[key]])));
    return [budget, search.best(axes, 'lr of the budget', budget)];
  });
  if (chosen.some(([, values]) => values === undefined)) return undefined;
  const winners = chosen.flatMap(([budget, values]): [number, Winner][] => {
    return typeof values === 'object' ? [[budget, search.winner(values, budget)]] : [];
  });
  return new Map(winners);
}

function fresh({ key, values }: Tuning['grid'][number]): Axis {
  return { key, values, added: 0 };
}

/** Creates an axis that does not grow. */
function fixed(key: string, values: readonly unknown[]): Axis {
  return { key, values, added: mostAdded };
}

function replaced(axes: readonly Axis[], by: Axis): Axis[] {
  return axes.map((axis) => (axis.key === by.key ? by : axis));
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The budgets in steps, the longest first. */
function budgetsOf(templates: Tuning['templates']): number[] {
  return [...new Set(templates.map(({ config }) => config.train.steps))].sort((a, b) => b - a);
}

function keyOf(values: Values, budget: number): string {
  return JSON.stringify([values, budget]);
}

/** Looks up the losses of trials, and records those that are missing. */
class Search {
  readonly #tuning: Tuning;
  readonly #evidence: Evidence;
  readonly #trials = new Map<string, Trial>();
  /** The largest budget in steps, with which values are chosen. */
  readonly budget: number;

  constructor(tuning: Tuning, evidence: Evidence) {
    this.#tuning = tuning;
    this.#evidence = evidence;
    this.budget = budgetsOf(tuning.templates)[0]!;
  }

  get trials(): Trial[] {
    return [...this.#trials.values()];
  }

  /**
   * Finds the best combination, after extending the axes as necessary.
   * @returns `none` if every trial diverged or failed, undefined while losses are missing.
   */
  best(axes: readonly Axis[], stage: string, budget = this.budget): Values | 'none' | undefined {
    const settings = combinations(axes);
    const losses = settings.map((values) => this.#ask({ values, budget, stage }));
    if (losses.includes(undefined)) return undefined;
    const lowest = Math.min(...(losses as number[]));
    if (lowest === Infinity) return 'none';
    const best = settings[losses.indexOf(lowest)]!;
    const larger = this.#tuning.extend ? this.#grown(axes, best) : undefined;
    return larger === undefined ? best : this.best(larger, 'extend', budget);
  }

  /** The learning rates with the lowest losses so far. */
  rates(count: number): unknown[] {
    const known = this.trials.map((trial) => ({ trial, loss: this.#loss(trial) }));
    const sorted = known.filter(({ loss }) => loss < Infinity).toSorted((a, b) => a.loss - b.loss);
    return sorted.slice(0, count).map(({ trial }) => trial.values.lr);
  }

  /** The best of all values that were tried with the largest budget. */
  overall(): Values {
    const tried = this.trials.filter(({ budget }) => budget === this.budget);
    return tried.reduce((best, trial) => (this.#loss(trial) < this.#loss(best) ? trial : best)).values;
  }

  /** @param budget The budget of the trial. */
  winner(values: Values, budget: number): Winner {
    const edges = Object.keys(values).flatMap((key) => this.#edge(values, key) ?? []);
    return { values, budget, loss: this.#evidence.lossOf(values, budget)!, edges };
  }

  #ask(trial: Trial): number | undefined {
    const key = keyOf(trial.values, trial.budget);
    if (!this.#trials.has(key)) this.#trials.set(key, trial);
    return this.#evidence.lossOf(trial.values, trial.budget);
  }

  #loss({ values, budget }: Trial): number {
    return this.#evidence.lossOf(values, budget) ?? Infinity;
  }

  #edge(values: Values, key: string): Edge | undefined {
    const tried = this.trials.map((trial) => trial.values[key]);
    const side = sideOf(values[key], tried);
    const admits = (value: number) => this.#evidence.admits({ ...values, [key]: value });
    return side && hasBeyond(values[key] as number, side, admits) ? { key, side } : undefined;
  }

  /** Extends the first axis on whose edge the best value is. */
  #grown(axes: readonly Axis[], best: Values): Axis[] | undefined {
    for (const [index, axis] of axes.entries()) {
      const side = sideOf(best[axis.key], axis.values);
      const others = combinations(axes.toSpliced(index, 1));
      const admits = (value: number) =>
        others.every((setting) => this.#evidence.admits({ ...setting, [axis.key]: value }));
      const longer = side && grown(axis, side, admits);
      if (longer !== undefined) return replaced(axes, longer);
    }
    return undefined;
  }
}
