import { existsSync, mkdirSync, readFileSync, rmSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFigureReport } from '../../src/report/figure-report.js';
import { taskIds } from '../report/sweep-helpers.js';
import { budgetsDirectory, figureOf, frequencySweep, headlineFigure, timedSweep } from '../report/contest.js';
import { Checkout } from './checkout.js';

describe('npm run results:publish', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.make();
  });
  afterAll(() => {
    checkout.remove();
  });

  const published = (...names: string[]) => join(checkout.path, 'results', 'published', 'demo', ...names);
  const statusOf = (run: string) => join(run, 'status.json');

  it('copies what runs wrote, and adds what follows from it', async () => {
    const directory = budgetsDirectory();
    const [task] = taskIds(directory) as [string];
    const run = join(directory, 'runs', task);
    writeFileSync(join(run, 'log.txt'), 'starting');
    mkdirSync(join(run, 'checkpoints'));
    writeFileSync(join(run, 'checkpoints', 'step-10'), 'weights');
    mkdirSync(join(directory, 'runs', 'of-an-earlier-sweep'));
    writeFileSync(join(directory, 'runs', 'of-an-earlier-sweep', 'eval.csv'), '');
    const status = JSON.parse(readFileSync(statusOf(run), 'utf8')) as Record<string, unknown>;
    writeFileSync(statusOf(run), JSON.stringify({ ...status, pid: 4711 }));

    const { code, stderr } = await checkout.run('publish', directory);
    expect([code, stderr]).toEqual([0, expect.stringContaining(join('results', 'published', 'demo')) as string]);
    for (const name of ['eval.csv', 'metrics.csv', 'config.yaml', 'environment.json']) {
      expect(readFileSync(published('runs', task, name))).toEqual(readFileSync(join(run, name)));
    }
    expect(readdirSync(published('runs', task)).sort()).toEqual([
      ...['config.yaml', 'environment.json', 'eval.csv', 'metrics.csv', 'status.json'],
    ]);
    expect(existsSync(published('runs', 'of-an-earlier-sweep'))).toBe(false);
    expect(JSON.parse(readFileSync(statusOf(published('runs', task)), 'utf8'))).toEqual(status);
    for (const name of ['summary.csv', 'runs.csv', 'efficiency.csv', 'report/report.html', 'report/tables/runs.tex']) {
      expect(existsSync(published(name))).toBe(true);
    }
    expect(readFileSync(published('report', 'charts', 'efficiency.svg'), 'utf8')).toMatch(/^<svg/);
    expect((await checkout.run('check')).code).toBe(0);
  });

  it('takes a figure of the paper, and tells of it in docs/results.md', async () => {
    expect(checkout.read(join('docs', 'results.md'))).not.toContain('Who comes to');
    const directory = headlineFigure();
    const file = JSON.parse(readFileSync(join(directory, 'figure.json'), 'utf8')) as object;
    writeFileSync(join(directory, 'figure.json'), JSON.stringify({ ...file, profile: 'standard' }));
    expect((await checkout.run('publish', directory)).code).toBe(0);
    const folder = join('results', 'published', 'headline');
    const { claims, experiments } = readFigureReport(join(checkout.path, folder));
    const page = checkout.read(join('docs', 'results.md'));
    expect(page).toContain(
      `### 360m\n\n> ${experiments[0].data.headline} Of the paper’s 4 claims, 3 hold here, and 1 does not.\n`,
    );
    expect(page).toContain(checkout.read(join(folder, 'report', 'tables', 'claims.md')).trimEnd());
    expect(page).toContain(`(../${folder}/report/360m/charts/efficiency.svg)`);
    expect(page).toContain('Not run yet: 660m.');
    expect(page).not.toMatch(/\{\{|### 660m|## How rarely/);
    expect(checkout.read('README.md')).toContain(`**${experiments[0].data.headline}** (360m: `);
    expect((await checkout.run('check')).code).toBe(0);

    const table = join(folder, 'report', 'tables', 'claims.csv');
    checkout.write(table, checkout.read(table).replace(String(claims[0]!.measured.value), '0.5'));
    checkout.write(join('docs', 'results.md'), page.replace('| holds |', '| does not hold |'));
    const broken = await checkout.run('check');
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain(`${table}:2 has "`);
    expect(broken.stderr).toMatch(/docs.results\.md:\d+ has ".*does not hold/);
    expect((await checkout.run('build')).code).toBe(0);
    expect(checkout.read(join('docs', 'results.md'))).toBe(page);
  });

  it('has a story for each figure that is published on its own, trained or only timed', async () => {
    const figures = [
      figureOf('overhead', timedSweep()),
      figureOf('frequency', frequencySweep()),
      figureOf('variants', frequencySweep([0])),
      figureOf('space-and-time', timedSweep()),
    ];
    const { code, stderr } = await checkout.run('publish', ...figures);
    expect([code, stderr]).toEqual([0, expect.stringContaining('space-and-time: 5 files') as string]);
    const page = checkout.read(join('docs', 'results.md'));
    const titles = [...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    // As far as the paper has an order.
    expect(titles.slice(-5)).toEqual([
      'How rarely the preconditioner may be refreshed',
      'SOAP with less state',
      'What a step costs more',
      'Memory and multiplications',
      'What others found',
    ]);
    expect(page).toContain('> A step of soap takes 1.37×');
    expect(page).toContain('(../results/published/overhead/report/360m/charts/overhead.svg)');
    expect(page).toContain('npx soap-bench reproduce space-and-time');
    expect(page).not.toContain('{{');
    expect((await checkout.run('check')).code).toBe(0);
    const times = join('results', 'published', 'overhead', '360m', 'step_times.csv');
    checkout.write(times, checkout.read(times).replaceAll('13.667', '14.667'));
    expect((await checkout.run('check')).stderr).toContain('step_times.csv has changed since soap-bench wrote it');
    // Without digests, as earlier versions left a folder, what follows from it is found to differ.
    rmSync(join(checkout.path, 'results', 'published', 'overhead', '360m', 'SHA256SUMS'));
    expect((await checkout.run('check')).stderr).toContain('overhead/report/360m/tables/step-times.md:');
  });

  it('takes a figure with other seeds, and none that was changed otherwise', async () => {
    const directory = figureOf('overhead', timedSweep());
    const file = JSON.parse(readFileSync(join(directory, 'figure.json'), 'utf8')) as object;
    const publishWith = (...changes: string[]) => {
      writeFileSync(join(directory, 'figure.json'), JSON.stringify({ ...file, changes }));
      return checkout.run('publish', directory);
    };
    const refused = await publishWith('seeds=0,1,2', 'train.steps=9');
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/changes of its own: train\.steps=9$/m) as string,
    ]);
    expect((await publishWith('seeds=0,1,2')).code).toBe(0);
    expect(checkout.read(join('docs', 'results.md'))).toContain(
      'npx soap-bench reproduce overhead seeds=0,1,2 --output FOLDER',
    );
  });

  it('publishes nothing that says where it was made, nor anything that is still being trained', async () => {
    const listing = () => readdirSync(join(checkout.path, 'results', 'published'), { recursive: true }).sort();
    const before = listing();
    for (const [file, text, refused] of [
      [
        'environment.json',
        '{"engine":"cpu","engine_version":"1","device":"x","variables":{"A":"/home/me/bin"}}',
        '/home/me',
      ],
      [
        'status.json',
        '{"state":"failed","step":0,"steps":2,"started_at":"2025","message":"C:\\\\Users\\\\me"}',
        'C:\\',
      ],
      ['status.json', '{"state":"running","step":0,"steps":2,"started_at":"2025"}', 'still being trained'],
    ] as const) {
      const directory = budgetsDirectory();
      writeFileSync(join(directory, 'runs', taskIds(directory)[3]!, file), text);
      const { code, stderr } = await checkout.run('publish', directory);
      expect(code).toBe(2);
      expect(stderr).toContain(refused);
      expect(stderr).toContain(file);
      expect(listing()).toEqual(before);
    }
    expect((await checkout.run('publish', join(checkout.path, 'nowhere'))).stderr).toContain('nowhere does not exist');
  });
});
