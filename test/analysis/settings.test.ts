import { describe, expect, it } from 'vitest';
import { settingPairs } from '../../src/analysis/setting-pairs.js';
import { compareSettings, type SettingsTable } from '../../src/analysis/settings.js';
import { settingsJson, settingsText } from '../../src/report/text/settings-text.js';
import { readFoundExperiment } from '../../src/results/find.js';
import { experimentDirectory } from '../report/helpers.js';
import { lineTo, sweepDirectory, type TaskSketch } from '../report/sweep-helpers.js';

/** Final losses 3, 3.25, 3.5 of adamw and 2, 2.5, 2.5 of soap with seeds 0, 1, 2. */
const tasks: TaskSketch[] = [
  ...[3, 3.25, 3.5].map((end, seed) => ({ label: 'adamw', seed, losses: lineTo(end) })),
  ...[2, 2.5, 2.5].map((end, seed) => ({ label: 'soap', seed, losses: lineTo(end), lr: 0.01 })),
];

function tableOf(directories: readonly string[], target?: number): SettingsTable {
  return compareSettings(
    directories.flatMap((directory) => readFoundExperiment(directory, '/nowhere').runs),
    target,
  );
}

const sweepTable = (sketches: TaskSketch[], target?: number) => tableOf([sweepDirectory(sketches)], target);

describe('settings side by side', () => {
  it('have the keys in which those differ that have them, and no others', () => {
    const { differing, settings } = sweepTable(tasks);
    // Options that soap alone has are none; both have betas, with other defaults.
    expect(differing).toContain('optimizer');
    expect(differing).toContain('lr');
    expect(differing).not.toContain('precondition_frequency');
    expect(differing.filter((key) => /^(train|model|data|seed|name)/.test(key))).toEqual([]);
    expect(settings.map(({ title, values }) => [title, values.optimizer, values.lr])).toEqual([
      ['adamw', 'adamw', 0.003],
      ['soap', 'soap', 0.01],
    ]);
  });

  it('take the seeds of a setting together', () => {
    const { settings } = sweepTable(tasks, 4);
    expect(settings[0]!.trainings.map(({ seed }) => seed)).toEqual([0, 1, 2]);
    expect(settings[0]!.statistics.final_loss).toMatchObject({ n: 3, mean: 3.25, sd: 0.25 });
    // From 6 to 3 and to 3.25 and 3.5 in 20 steps.
    expect(settings[0]!.statistics.steps_to_target!.mean).toBeCloseTo((40 / 3 + 40 / 2.75 + 16) / 3, 9);
  });

  it('count a diverged training as infinite, and one that has not ended as none', () => {
    const [first, second, third] = tasks as [TaskSketch, TaskSketch, TaskSketch];
    const { settings } = sweepTable([
      first,
      { ...second, status: { state: 'diverged' } },
      { ...third, status: { state: 'interrupted' } },
    ]);
    expect(settings[0]!.trainings.map(({ final_loss }) => final_loss)).toEqual([3, Infinity, undefined]);
    expect(settings[0]!.statistics.final_loss).toMatchObject({ n: 2, mean: Infinity });
  });
});

describe('pairs of settings', () => {
  it('are tested over the seeds they share', () => {
    const [pair, ...others] = settingPairs(sweepTable(tasks));
    expect(others).toEqual([]);
    // Differences -1, -0.75, -1: mean -11/12, sd 0.25/√3, t = -11 with two degrees of freedom.
    expect(pair).toMatchObject({ seeds: [0, 1, 2], test: { n: 3 }, remarks: [] });
    expect(pair!.test!.mean_difference).toBeCloseTo(-11 / 12, 12);
    expect(pair!.test!.t).toBeCloseTo(-11, 9);
    expect(pair!.test!.p).toBeCloseTo(1 - 11 / Math.sqrt(2 + 121), 9);
  });

  it('leave out seeds without a finite number, and say so', () => {
    const sketches = tasks.map((task) =>
      task.label === 'soap' && task.seed === 1 ? { ...task, status: { state: 'diverged' as const } } : task,
    );
    const [pair] = settingPairs(sweepTable(sketches.filter(({ label, seed }) => label === 'adamw' || seed !== 2)));
    expect(pair).toMatchObject({ seeds: [0], test: { n: 1, p: null } });
    expect(pair!.remarks).toEqual(['1 of 2 pairs left out: a run diverged']);
  });

  it('are those of the same name in two experiments', () => {
    const sketch = (lr: number) => ({
      steps: 10,
      runs: { adamw: { losses: lineTo(3) }, soap: { losses: lineTo(lr), lr } },
    });
    const table = tableOf([experimentDirectory(sketch(1)), experimentDirectory(sketch(2))]);
    expect(
      settingPairs(table).map(({ first, second, test }) => [first.title, second.title, test!.mean_difference]),
    ).toEqual([
      ['adamw', 'adamw', 0],
      ['soap', 'soap', 1],
    ]);
  });

  it('are corrected for how many there are', () => {
    const third = [2.9, 3.25, 3.3].map((end, seed) => ({ label: 'lion', seed, losses: lineTo(end) }));
    const table = sweepTable([...tasks, ...third]);
    const pairs = settingPairs(table);
    const [soap, lion] = pairs.map(({ test }) => test!.p!);
    expect(soap).toBeLessThan(lion!);
    expect(pairs.map(({ p_holm }) => p_holm)).toEqual([2 * soap!, lion]);
    expect(settingsText(table, { width: 200, color: false })).toContain('p = 0.0082 (Holm: 0.016)');
  });

  it('take a step as worth so much where trainings are of unequal length', () => {
    const shorter = [2.5, 2.75, 3].map((end, seed) => ({ label: 'soap', seed, losses: lineTo(end) }));
    const { settings, ...table } = sweepTable([...tasks.slice(0, 3), ...shorter]);
    const unequal = [settings[0]!, { ...settings[1]!, steps: 10 }];
    const [without] = settingPairs({ ...table, settings: unequal });
    expect(without!.test!.mean_difference).toBeCloseTo(-0.5, 12);
    expect(without!.remarks).toEqual(['trained for 20 and 10 steps: --slope says what a step is worth']);
    // Ten steps more would be worth 0.3.
    const [taken] = settingPairs({ ...table, settings: unequal, slope: 0.03 });
    expect(taken!.test!.mean_difference).toBeCloseTo(-0.8, 12);
    expect(taken!.remarks).toEqual(['trained for 20 and 10 steps, a step taken as 0.03 nats']);
  });

  it('warn where the same seed does not mean the same weights and batches', () => {
    const choices = { 'train.batch_tokens': 200 };
    const sweep = sweepDirectory([tasks[0]!, { ...tasks[3]!, choices }]);
    const table = tableOf([sweep]);
    const [wider] = table.settings.slice(1);
    const differing = [...table.differing, 'train.batch_tokens'];
    const other = { ...wider!, values: { ...wider!.values, 'train.batch_tokens': 200 } };
    const [pair] = settingPairs({ ...table, differing, settings: [table.settings[0]!, other] });
    expect(pair!.remarks[0]).toContain('train.batch_tokens differ');
  });
});

describe('the text', () => {
  const text = (table: SettingsTable, width = 100) => settingsText(table, { width, color: false });

  it('has table, test and notes', () => {
    const shown = text(sweepTable(tasks));
    expect(shown).toMatch(/setting +lr .*n +val loss +time/);
    expect(shown).toMatch(/\nsoap +0.01 .*3 +2.333 ± 0.289/);
    expect(shown.replaceAll('\n', ' ')).toContain(
      'soap against adamw, final loss: −0.9167 [−1.2752, −0.5581] (95%), n = 3 seeds, paired t = −11.00, p = 0.0082',
    );
  });

  it('says that one seed allows no test', () => {
    const shown = text(sweepTable([tasks[0]!, tasks[3]!]));
    expect(shown.replaceAll('\n', ' ')).toContain(
      'No paired test: no two lines share two seeds with which both have a number (n = 1).',
    );
    expect(text(sweepTable([tasks[0]!, tasks[4]!])).replaceAll('\n', ' ')).toContain('(n = 0)');
    const third = { label: 'lion', seed: 1, losses: lineTo(3) };
    expect(text(sweepTable([...tasks, third])).replaceAll('\n', ' ')).toContain(
      'lion against adamw, final loss: −0.2500 with seed 1; n = 1, so there is no paired test',
    );
  });

  it('names the keys that a narrow terminal has no room for', () => {
    expect(text(sweepTable(tasks), 40).replaceAll('\n', ' ')).toMatch(/No room here for: .*lr/);
    expect(
      text(sweepTable(tasks), 40)
        .split('\n')
        .every((line) => line.length <= 40),
    ).toBe(true);
  });

  it('has a JSON form with null for what is unknown and words for infinity', () => {
    const table = sweepTable([tasks[0]!, { ...tasks[3]!, status: { state: 'diverged' } }]);
    const document = JSON.parse(JSON.stringify(settingsJson(table))) as Record<string, unknown>;
    expect(document).toMatchObject({
      target: null,
      settings: [{ setting: 'adamw' }, { setting: 'soap', trainings: [{ final_loss: 'inf', train_time_s: null }] }],
      paired: [{ measure: 'final_loss', n: 0, p: null, remarks: ['1 of 1 pair left out: a run diverged'] }],
    });
  });

  it('names experiments when there are several', () => {
    const sketch = { steps: 10, runs: { adamw: { losses: lineTo(3) } } };
    const [first, second] = [experimentDirectory(sketch), experimentDirectory(sketch)];
    const shown = text(tableOf([first, second]), 200);
    expect(shown).toContain(`${first}/adamw  1  `);
    expect(shown).toContain(`${second}/adamw  1  `);
    expect(shown).toContain('The configurations are the same.');
  });
});
