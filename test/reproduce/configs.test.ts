import { describe, expect, it } from 'vitest';
import { loadSweep } from '../../src/config/load.js';
import { planExperiment } from '../../src/experiment/plan.js';
import { firstTasks } from '../../src/experiment/rounds.js';
import type { Task } from '../../src/experiment/tasks.js';
import { profiles, protocols, type Profile, type Protocol } from '../../src/reproduce/figure-folder.js';
import { figureExperiments } from '../../src/reproduce/figure-request.js';
import { figureNamed, figures } from '../../src/reproduce/figures.js';

const changes = { files: [], overrides: [] };

const known = new Map<string, ReadonlyMap<string, readonly Task[]>>();

/** The tasks of a figure's experiments that are known before anything has been trained, by experiment. */
function tasksOf(id: string, profile: Profile = 'standard', protocol: Protocol = 'paper') {
  const key = [id, profile, protocol].join();
  const found = known.get(key) ?? readTasks(id, profile, protocol);
  known.set(key, found);
  return found;
}

function readTasks(id: string, profile: Profile, protocol: Protocol): ReadonlyMap<string, readonly Task[]> {
  const request = { figure: figureNamed(id), profile, protocol, scale: null, changes };
  const experiments = figureExperiments(request, 'results/paper').map(({ name, source }) => {
    const sweep = loadSweep(source, { anyCorpus: true });
    expect(sweep.config.name).toBe(`${id}-${name}`);
    expect(sweep.variants, 'is a sweep').toBeDefined();
    return [name, firstTasks(planExperiment(sweep))] as const;
  });
  return new Map(experiments);
}

const allTasks = (...words: Parameters<typeof tasksOf>) => [...tasksOf(...words).values()].flat();
const idsOf = (tasks: readonly Task[]) => tasks.map(({ id }) => id);

// What is tried first at full length, with one seed; of timed figures all that is timed.
const counts: Record<string, Record<string, Record<Profile, number>>> = {
  headline: {
    '360m': { quick: 3 * 2, standard: 3 * 4, full: 3 * 5 },
    '660m': { quick: 3 * 2, standard: 3 * 4, full: 3 * 5 },
  },
  frequency: { '360m': { quick: 2 + 2 * 3 * 2, standard: 4 + 2 * 5 * 3, full: 5 + 2 * 5 * 3 } },
  variants: { '360m': { quick: 6 * 2, standard: 3 * 4 + 3 * 3, full: 6 * 5 } },
  'critical-batch': { '360m': { quick: 2 * 3 * 2, standard: 2 * 4 * 3, full: 2 * 4 * 3 } },
  'long-run': { '360m': { quick: 2 * 2, standard: 2 * 3, full: 2 * 3 } },
  overhead: { '360m': { quick: 1 + 2 * 3, standard: 1 + 2 * 7, full: 1 + 2 * 7 } },
  'eigh-vs-qr': { '360m': { quick: 2 + 2 * 3 * 2, standard: 4 + 2 * 5 * 3, full: 5 + 2 * 5 * 3 } },
  'space-and-time': { '360m': { quick: 7, standard: 7, full: 7 } },
  galore: { '210m': { quick: 2 * 2 + 2 * 2, standard: 2 * 4 + 3 * 3, full: 2 * 5 + 5 * 3 } },
};

describe.each(figures.map(({ id }) => id))('the configurations of %s', (id) => {
  it.each(profiles)('have their tasks, %s', (profile) => {
    const found = [...tasksOf(id, profile)].map(([name, tasks]) => [name, tasks.length]);
    const expected = Object.entries(counts[id]!).map(([name, byProfile]) => [name, byProfile[profile]]);
    expect(found).toEqual(expected);
  });

  it('differ by profile in what decides numbers', () => {
    const ids = profiles.flatMap((profile) => idsOf(allTasks(id, profile)));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

const idsOfKind = (kind: 'trained' | 'timed') => figures.filter((one) => one.kind === kind).map(({ id }) => id);

describe.each(idsOfKind('trained'))('the trainings of %s', (id) => {
  it.each(profiles)('follow the protocol of the paper, or that of its critics, %s', (profile) => {
    const paper = allTasks(id, profile);
    const strong = allTasks(id, profile, 'strong');
    expect(strong.map(({ label }) => label)).toEqual(paper.map(({ label }) => label));
    for (const { config } of paper) {
      expect(config.options.weight_decay).toBe(1e-4);
      expect(config.model.z_loss).toBe(1e-4);
      expect(config.train.schedule).toMatchObject({ name: 'cosine', final_fraction: 0.1 });
    }
    for (const { config } of strong) {
      expect(config.options.weight_decay).toBe(0.1);
      expect(config.model.z_loss).toBe(0);
      expect(config.train.schedule).toMatchObject({ name: 'cosine', final_fraction: 0.01 });
    }
  });

  it.each(profiles)('warm up for 3/16 of their length, %s', (profile) => {
    for (const { config } of allTasks(id, profile)) {
      const { steps, schedule } = config.train;
      // A budget's warm-up is rounded down.
      expect(Math.abs(schedule.warmup_steps - (3 / 16) * steps)).toBeLessThan(1);
    }
  });
});

it.each(idsOfKind('timed'))('%s, which trains nothing, has no protocol', (id) => {
  for (const protocol of protocols.filter((one) => one !== 'paper')) {
    expect(() => tasksOf(id, 'standard', protocol)).toThrow(expect.objectContaining({ code: 'no_protocol' }));
  }
});

describe('trainings of several figures', () => {
  const headline = new Set(idsOf(tasksOf('headline').get('360m')!));

  it.each([
    ['frequency', (task: Task) => frequencyOf(task) === 10 || task.optimizer === 'adamw', 4 + 3 + 3],
    ['variants', (task: Task) => ['adamw', 'shampoo', 'soap'].includes(task.optimizer), 3 * 4],
  ])('are the same in headline and %s', (id, isShared, count) => {
    const shared = idsOf(allTasks(id).filter(isShared));
    expect(shared).toHaveLength(count);
    expect(shared.filter((one) => headline.has(one))).toEqual(shared);
  });

  it('are the same in frequency and eigh-vs-qr, but for the method', () => {
    const frequency = new Set(idsOf(allTasks('frequency')));
    const tasks = allTasks('eigh-vs-qr');
    const shared = tasks.filter(({ id }) => frequency.has(id));
    expect(shared.map(({ label }) => label)).toEqual(
      tasks.filter(({ optimizer }) => optimizer !== 'soap-eigh').map(({ label }) => label),
    );
  });

  it('of long-run are those of headline at its length', () => {
    const overrides = ['train.steps=400', 'train.schedule.warmup_steps=75', '~budgets'];
    const request = { figure: figureNamed('long-run'), profile: 'standard', protocol: 'paper', scale: null } as const;
    const [experiment] = figureExperiments({ ...request, changes: { files: [], overrides } }, '');
    const tasks = firstTasks(planExperiment(loadSweep(experiment!.source)));
    expect(idsOf(tasks).filter((one) => !headline.has(one))).toEqual([]);
  });
});

function frequencyOf({ config }: Task): unknown {
  return config.options.precondition_frequency;
}
