import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, it, expect, onTestFinished, vi } from 'vitest';
import { analyse } from '../../src/analysis/analysis.js';
import { resolvedYaml } from '../../src/config/resolved-yaml.js';
import type { Point } from '../../src/report/charts/chart.js';
import { mostPoints, thinned } from '../../src/report/charts/thinned.js';
import { comparisonText } from '../../src/report/text/comparison.js';
import { readReport } from '../../src/report/report-data.js';
import { runRow } from '../../src/analysis/run-rows.js';
import { summarize } from '../../src/analysis/summary.js';
import { reportFiles } from '../../src/report/write-report.js';
import { RunDirectory } from '../../src/results/directory.js';
import { findExperiments } from '../../src/results/find.js';
import { readExperimentConfig } from '../../src/results/tasks.js';
import { readStudy } from '../../src/results/study.js';
import { statusSchema } from '../../src/results/status.js';
import { writeStudyFiles } from '../../src/report/csv/study-files.js';
import { showResults } from '../../src/cli/results.js';
import { experimentDirectory } from './helpers.js';

/** An experiment of runs that have ended, with digests of their files. */
function endedExperiment(steps: number, labels: readonly string[]): string {
  const losses = Array.from({ length: steps + 1 }, (_, step): [number, number] => [step, 6 - (4 * step) / steps]);
  // Somewhere within there is one that is lower than all others, and one that is higher.
  losses[Math.floor(0.71 * steps)]![1] = 1.5;
  losses[Math.floor(0.72 * steps)]![1] = 7.5;
  const stepMs = Array.from({ length: steps }, (_, step) => 10 + (step % 7));
  const directory = experimentDirectory({
    steps,
    runs: Object.fromEntries(labels.map((label) => [label, { losses, stepMs }])),
  });
  const config = readExperimentConfig(directory);
  for (const label of labels) {
    const run = join(directory, 'runs', label);
    const own = { ...config, baseline: label, optimizers: { [label]: config.optimizers[label]! } };
    fs.writeFileSync(join(run, 'config.yaml'), resolvedYaml(own));
    const status = statusSchema.parse(JSON.parse(fs.readFileSync(join(run, 'status.json'), 'utf8')));
    new RunDirectory(run).writeEnding(status);
  }
  return directory;
}

/** How often each file of rows is opened by an action, by its path. */
function openings(action: () => void): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (path: unknown) => {
    if (typeof path === 'string' && /(metrics|eval)\.csv$/.test(path)) counts.set(path, (counts.get(path) ?? 0) + 1);
  };
  const { openSync, readFileSync } = fs;
  const spies = [
    vi.spyOn(fs, 'openSync').mockImplementation((...args) => (count(args[0]), openSync(...args))),
    vi.spyOn(fs, 'readFileSync').mockImplementation((...args: Parameters<typeof readFileSync>) => {
      count(args[0]);
      return readFileSync(...args);
    }),
  ];
  syncBuiltinESMExports();
  const restore = () => {
    for (const spy of spies) spy.mockRestore();
    syncBuiltinESMExports();
  };
  onTestFinished(restore);
  action();
  restore();
  return counts;
}

describe('the files of runs', () => {
  it.each<[string, (directory: string) => void]>([
    ['list', (directory) => findExperiments(directory)],
    ['report', (directory) => reportFiles([readReport(directory)])],
    [
      'collect',
      (directory) => {
        const analysis = analyse(readStudy(directory));
        writeStudyFiles(analysis);
        showResults(analysis, { plot: true, json: false });
      },
    ],
  ])('are opened once by %s, and checked from the same bytes', (_, action) => {
    const directory = endedExperiment(20, ['adamw', 'soap']);
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const files = ['adamw', 'soap'].flatMap((label) =>
      ['metrics.csv', 'eval.csv'].map((name) => join(directory, 'runs', label, name)),
    );
    const counts = openings(() => {
      action(directory);
    });
    vi.restoreAllMocks();
    expect(counts).toEqual(new Map(files.map((file) => [file, 1])));
  });
});

describe('a run of 150,000 evaluations', () => {
  it('is reported, compared and listed', () => {
    const steps = 150_000;
    const directory = endedExperiment(steps, ['adamw']);
    const experiment = readStudy(directory);
    const summary = summarize(experiment).comparisons[0]!;
    expect(summary.rows[0]).toMatchObject({ best_loss: 1.5, final_loss: 2, steps_done: steps });
    const text = comparisonText(analyse(experiment), { width: 100, color: false, plot: true });
    expect(text).toContain('validation loss');
    expect(runRow(findExperiments(directory)[0]!.runs[0]!)).toMatchObject({ best_loss: 1.5, step: steps });
    const data = readReport(directory);
    expect(data.summary.rows[0]!.tasks[0]!.row.best_loss).toBe(1.5);
    const files = reportFiles([data]);
    const points = files.get('charts/loss-steps.csv')!.split('\n');
    expect(points.length).toBeLessThan(mostPoints + 10);
    for (const kept of ['0,6', `${0.71 * steps},1.5`, `${0.72 * steps},7.5`, `${steps},2`]) {
      expect(points).toContain(`adamw,seed 0,${kept}`);
    }
    // What does not depend on how many evaluations there are is about a megabyte.
    expect(files.get('report.html')!.length).toBeLessThan(2e6);
  });
});

describe('the points that a long curve is drawn from', () => {
  const curve = (length: number) => Array.from({ length }, (_, x): Point => [x, Math.sin(x * 12.9898) * 43758.5453]);

  it('are all where they are few', () => {
    const points = curve(mostPoints);
    expect(thinned(points)).toBe(points);
  });

  it.each([mostPoints + 1, 9_999, 100_001])(
    'are of %i in each part the first, the last and the extreme ones',
    (length) => {
      const points = curve(length);
      const kept = thinned(points, 400);
      expect(kept.length).toBeLessThanOrEqual(400);
      const places = kept.map(([x]) => x as number);
      expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
      for (let part = 0; part < 100; part++) {
        const [from, to] = [Math.floor((part * length) / 100), Math.floor(((part + 1) * length) / 100)];
        const all = points.slice(from, to);
        const heights = all.map(([, y]) => y as number);
        const own = kept.filter(([x]) => (x as number) >= from && (x as number) < to);
        expect([own[0], own.at(-1)]).toEqual([all[0], all.at(-1)]);
        const extremes = own.map(([, y]) => y as number);
        expect([Math.min(...extremes), Math.max(...extremes)]).toEqual([Math.min(...heights), Math.max(...heights)]);
      }
    },
  );
});
