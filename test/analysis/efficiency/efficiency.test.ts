import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { readStudy } from '../../../src/results/study.js';
import { analyse } from '../../../src/analysis/analysis.js';
import { efficiencyTable } from '../../../src/report/tables/efficiency-table.js';
import { efficiencyHeadline } from '../../../src/report/text/efficiency-text.js';
import { textTable } from '../../../src/table/text.js';
import { efficiencyOf } from '../../../src/analysis/efficiency/efficiency.js';
import { writeStudyFiles } from '../../../src/report/csv/study-files.js';
import { sweepText } from '../../../src/report/text/sweep-text.js';
import { tQuantile } from '../../../src/statistics/student-t.js';
import { sweepDirectory, type TaskSketch } from '../../report/sweep-helpers.js';

const lossOf = { adamw: (n: number) => 2 + 8 * n ** -0.5, soap: (n: number) => 2 + 8 * (n / 0.6) ** -0.5 };

/** Trainings of a label at several lengths; soap's curve is adamw's at 0.6 of the steps, a step takes 30 ms over 20 ms. */
function trainings(
  label: 'adamw' | 'soap',
  lengths: readonly number[],
  { seed = 0, shift = 0, lr, ...more }: { shift?: number; lr?: number } & Partial<TaskSketch> = {},
): TaskSketch[] {
  return lengths.map((steps) => ({
    label,
    seed,
    steps,
    choices: { 'train.steps': steps, ...(lr === undefined ? {} : { [`optimizers.${label}.lr`]: lr }) },
    losses: [
      [0, 7],
      [steps, lossOf[label](steps) + shift],
    ],
    stepMs: Array.from({ length: steps }, () => (label === 'soap' ? 30 : 20)),
    ...more,
  }));
}

const lengths = [20, 25, 30, 35, 40];
const rowsOf = (tasks: TaskSketch[]) => efficiencyOf(readStudy(sweepDirectory(tasks)));
const row = (tasks: TaskSketch[], method: string) => rowsOf(tasks).find((found) => found.method === method)!;

describe('the efficiency at the baseline’s final loss', () => {
  it('is what made the curves: by the fit of the optimizer’s own trainings', () => {
    const { steps, baseline_steps, steps_ratio, time_ratio, elapsed_ratio, loss, note, law, budgets } = row(
      [...trainings('adamw', [20, 40]), ...trainings('soap', lengths)],
      'fit',
    );
    expect(note).toBe('');
    expect(loss).toBeCloseTo(lossOf.adamw(40), 12);
    expect(steps).toBeCloseTo(24, 3);
    expect([baseline_steps, budgets]).toEqual([40, lengths]);
    expect(steps_ratio.value).toBeCloseTo(0.6, 4);
    expect(time_ratio.value).toBeCloseTo(0.6 * 1.5, 4);
    // A step takes as long as said; an evaluation costs 0.01 s a step of the sketch.
    expect(elapsed_ratio.value).toBeCloseTo((24 * 0.04) / (40 * 0.03), 4);
    expect(law!.beta).toBeCloseTo(0.5, 3);
    // A single seed has no interval.
    expect(steps_ratio.low).toBeNaN();
  });

  it('is the same by the mirror: the baseline’s curve at the optimizer’s loss', () => {
    const found = row([...trainings('adamw', lengths), ...trainings('soap', [20, 22, 40])], 'mirror');
    // At 40 steps soap is below all of adamw's; at 22 adamw takes 22 / 0.6 steps for soap's loss.
    expect(found.steps).toBe(22);
    expect(found.baseline_steps).toBeCloseTo(22 / 0.6, 3);
    expect(found.steps_ratio.value).toBeCloseTo(0.6, 4);
    expect(found.time_ratio.value).toBeCloseTo(0.9, 4);
    expect(found.budgets).toEqual(lengths);
  });

  it('is read off the full-length training for the crossing, seed by seed', () => {
    const [own] = trainings('soap', [40]);
    const tasks = [0, 1].flatMap((seed) => [
      ...trainings('adamw', [20, 40], { seed }),
      // Straight down from 4 at step 0, so that adamw's final loss is passed where this says.
      {
        ...own!,
        seed,
        losses: [
          [0, 7],
          [10, 4],
          [40, 4 - 30 * (seed === 0 ? 0.05 : 0.04)],
        ] as [number, number][],
      },
      ...trainings('soap', [20], { seed }),
    ]);
    const target = lossOf.adamw(40);
    const expected = [0.05, 0.04].map((slope) => 10 + (4 - target) / slope);
    const found = row(tasks, 'crossing');
    expect(found.steps).toBeCloseTo(Math.sqrt(expected[0]! * expected[1]!), 9);
    const reach = Math.exp((tQuantile(0.975, 1) * Math.log(expected[1]! / expected[0]!)) / 2);
    expect(found.steps_ratio.low).toBeCloseTo(found.steps! / 40 / reach, 9);
    expect(found.steps_ratio.high).toBeCloseTo((found.steps! / 40) * reach, 9);
  });

  it('is no crossing of a training that diverged after it', () => {
    const [passed] = trainings('soap', [40], { status: { state: 'diverged', step: 40 } });
    const tasks = [...trainings('adamw', [40]), ...trainings('soap', [20]), passed!];
    expect(row(tasks, 'crossing').note).toBe("soap did not reach adamw's final loss");
  });

  it('has an interval over seeds that holds the truth, and is wider with more noise', () => {
    const noisy = (size: number) =>
      [0, 1, 2].flatMap((seed) => [
        ...trainings('adamw', [40], { seed, shift: size * Math.sin(seed * 7 + 1) }),
        ...trainings('soap', lengths, { seed, shift: size * Math.cos(seed * 5) }),
      ]);
    const [small, large] = [0.002, 0.02].map((size) => row(noisy(size), 'fit').steps_ratio);
    expect(small!.low).toBeLessThan(small!.value);
    expect(small!.high).toBeGreaterThan(small!.value);
    expect(large!.high - large!.low).toBeGreaterThan(3 * (small!.high - small!.low));
    expect(large!.low).toBeLessThan(0.6);
    expect(large!.high).toBeGreaterThan(0.6);
  });

  it('says that an end of the interval lies beyond what was trained', () => {
    // On average soap is there at 24 steps; with noise of 0.3 nats it may be there nowhere.
    const tasks = [-0.3, 0.3, 0].flatMap((shift, seed) => [
      ...trainings('adamw', [40], { seed, shift }),
      ...trainings('soap', lengths, { seed }),
    ]);
    const { steps_ratio } = row(tasks, 'fit');
    expect(steps_ratio.value).toBeCloseTo(0.6, 3);
    expect([steps_ratio.low, steps_ratio.high]).toEqual([0, Infinity]);
  });

  it('reaches back into what was trained where the loss lies beyond the curve by no more than noise', () => {
    const noise = (seed: number, size: number) => size * Math.sin(7 * seed + 1);
    const tasks = [0, 1, 2].flatMap((seed) => [
      ...trainings('adamw', [40], { seed, shift: noise(seed, 0.02) }),
      ...lengths.flatMap((steps) => trainings('soap', [steps], { seed, shift: 0.31 + noise(seed + steps, 0.02) })),
    ]);
    const { steps_ratio, note } = row(tasks, 'fit');
    expect(note).toContain('below what was fitted to soap');
    expect(steps_ratio.value).toBeNaN();
    expect(steps_ratio.low).toBeGreaterThan(0.5);
    expect(steps_ratio.low).toBeLessThan(1);
    expect(steps_ratio.high).toBe(Infinity);
  });

  it('is refused instead of extrapolated', () => {
    const better = rowsOf([...trainings('adamw', [40]), ...trainings('soap', [30, 32, 35, 40])]);
    expect(better.map(({ method, note }) => [method, note])).toEqual([
      [
        'fit',
        expect.stringMatching(/^adamw's final loss is above what was fitted to soap \(30 to 40 steps\); it is not/),
      ],
      ['mirror', expect.stringMatching(/^a fit takes 4 lengths of training, adamw has 1$/)],
      ['crossing', ''],
    ]);
    expect(better[0]!.steps_ratio.value).toBeNaN();
    const worse = rowsOf([...trainings('adamw', lengths), ...trainings('soap', lengths, { shift: 1 })]);
    expect(worse.map(({ method, note }) => [method, note])).toEqual([
      ['fit', expect.stringMatching(/^adamw's final loss is below what was fitted to soap/)],
      ['mirror', expect.stringMatching(/^soap's losses are above what was fitted to adamw/)],
      ['crossing', "soap did not reach adamw's final loss"],
    ]);
    const few = row([...trainings('adamw', [40]), ...trainings('soap', [20, 30, 40])], 'fit');
    expect(few.note).toBe('a fit takes 4 lengths of training, soap has 3');
    const diverged = trainings('soap', [40], { status: { state: 'diverged' } });
    expect(row([...trainings('adamw', [40]), ...trainings('soap', [20, 30, 35]), ...diverged], 'fit').note).toBe(
      'a fit takes 4 lengths of training, soap has 3, 1 more diverged',
    );
  });

  it('takes the best learning rate at every length, of those with the most seeds', () => {
    const tasks = [
      ...[0, 1].flatMap((seed) => trainings('adamw', [40], { seed })),
      // The first lr is the better one up to 25 steps, the second from 30 on; the third was tried with one seed.
      ...[0, 1].flatMap((seed) => trainings('soap', [20, 25], { seed, lr: 0.01 })),
      ...[0, 1].flatMap((seed) => trainings('soap', [30, 35, 40], { seed, lr: 0.01, shift: 0.5 })),
      ...[0, 1].flatMap((seed) => trainings('soap', [20, 25], { seed, lr: 0.02, shift: 0.5 })),
      ...[0, 1].flatMap((seed) => trainings('soap', [30, 35, 40], { seed, lr: 0.02 })),
      ...trainings('soap', lengths, { lr: 0.03, shift: -0.5 }),
    ];
    const found = row(tasks, 'fit');
    expect(found.steps_ratio.value).toBeCloseTo(0.6, 4);
    expect(found.seeds).toEqual([0, 1]);
  });

  it('compares within the same batch size, and counts unfinished trainings not at all', () => {
    const of = (batch: number, tasks: TaskSketch[]) =>
      tasks.map((task) => ({ ...task, choices: { ...task.choices, 'train.batch_tokens': batch } }));
    const rows = rowsOf([
      ...of(100, [...trainings('adamw', [40]), ...trainings('soap', lengths)]),
      ...of(200, [...trainings('adamw', [40]), ...trainings('soap', lengths, { shift: 0.05 })]),
      ...of(200, trainings('soap', [50], { status: { state: 'running', step: 3 } })),
    ]).filter(({ method }) => method === 'fit');
    expect(rows.map(({ group }) => group)).toEqual(['train.batch_tokens=100', 'train.batch_tokens=200']);
    expect(rows[0]!.steps_ratio.value).toBeCloseTo(0.6, 4);
    expect(rows[1]!.steps_ratio.value).toBeGreaterThan(0.62);
    expect(rows[1]!.budgets).toEqual(lengths);
  });

  it('is nothing to speak of where all trainings have the same length', () => {
    expect(rowsOf([...trainings('adamw', [40]), ...trainings('soap', [40])])).toEqual([]);
  });
});

describe('what is shown of the efficiency', () => {
  const tasks = [0, 1].flatMap((seed) => [
    ...trainings('adamw', [40], { seed, shift: 0.0001 * seed }),
    ...trainings('soap', lengths, { seed }),
  ]);

  it('is a file beside summary.csv that goes when there is nothing to say any more', () => {
    const directory = sweepDirectory(tasks);
    writeStudyFiles(analyse(readStudy(directory)));
    const file = join(directory, 'efficiency.csv');
    const records: Record<string, string>[] = parse(readFileSync(file), { columns: true });
    expect(records.map(({ optimizer, method }) => [optimizer, method])).toEqual([
      ['soap', 'fit'],
      ['soap', 'mirror'],
      ['soap', 'crossing'],
    ]);
    const [fit, mirror] = records;
    const [expected] = efficiencyOf(readStudy(directory));
    expect(Number(fit!.steps_ratio)).toBe(expected!.steps_ratio.value);
    expect(Number(fit!.time_ratio_high)).toBe(expected!.time_ratio.high);
    expect(fit).toMatchObject({ baseline: 'adamw', seeds: '0 1', budgets: '20 25 30 35 40', note: '' });
    expect(mirror).toMatchObject({ steps_ratio: 'nan', note: 'a fit takes 4 lengths of training, adamw has 1' });
    const other = sweepDirectory(trainings('adamw', [40]));
    copyFileSync(join(other, 'tasks.json'), join(directory, 'tasks.json'));
    writeStudyFiles(analyse(readStudy(directory)));
    expect(existsSync(file)).toBe(false);
  });

  it('is a table on the screen and a sentence', () => {
    const sweep = readStudy(sweepDirectory(tasks));
    const text = sweepText(analyse(sweep), { width: 100, color: false });
    expect(text).toMatch(/soap +fit to its budgets +2 +3\.265 +24 +0\.60× \[0\.60, 0\.60\] +0\.90× \[0\.90, 0\.90\]/);
    expect(text).toContain("soap, fit to the baseline's: a fit takes 4 lengths of training, adamw has 1");
    expect(efficiencyHeadline(efficiencyOf(sweep))).toBe(
      'soap needs 0.60× [0.60, 0.60] the iterations and 0.90× [0.90, 0.90] the training time of adamw for its final loss: ' +
        'fitted to runs of 5 lengths, 2 seeds.',
    );
    expect(efficiencyHeadline(rowsOf([...trainings('adamw', [40]), ...trainings('soap', [30, 40])]))).toBeUndefined();
    const lines = textTable(efficiencyTable(efficiencyOf(sweep)), { width: 100 });
    expect(lines.every((line) => line.length <= 100)).toBe(true);
  });
});
