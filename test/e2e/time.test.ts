import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workspace } from './command.js';

let place: Workspace;
beforeAll(() => {
  place = new Workspace();
});
afterAll(() => {
  place.remove();
});

const swept = ['tiny.yaml', '~optimizers.shampoo', 'seeds=0,1', 'optimizers.soap.precondition_frequency=1,4'];

describe('soap-bench time', () => {
  it('times what has not been trained, settings that cannot differ once', async () => {
    const words = ['time', ...swept, 'optimizers.soap.lr=1e-3,3e-3', '--rounds', '2', '--output', 'times'];
    const { code, stdout, stderr } = await place.run(words);
    expect(code, stderr).toBe(0);
    expect(place.list('times')).toEqual(['SHA256SUMS', 'config.yaml', 'runs', 'step_times.csv', 'tasks.json']);
    expect(place.list('times', 'runs')).toEqual([]);
    const rows = place.csv('times', 'step_times.csv');
    expect(rows.map(({ setting }) => setting)).toEqual([
      'adamw',
      'soap precondition_frequency=1',
      'soap precondition_frequency=4',
    ]);
    for (const row of rows) {
      const [mean, low, high] = [row.step_ms_mean, row.step_ms_low, row.step_ms_high].map(Number);
      expect(low! > 0 && low! <= mean! && mean! <= high!, JSON.stringify(row)).toBe(true);
      expect([row.rounds, row.steps, row.round_ms!.split(' ').length]).toEqual(['2', '20', 2]);
    }
    expect(rows.map(({ refresh_ms }) => refresh_ms === 'nan')).toEqual([true, true, false]);
    const [adamw, soap] = rows.map((row) => Number(row.optimizer_graph_flops));
    expect(soap).toBeGreaterThan(adamw!);
    // Products are most of what counting says, and in the graph they are not more than that.
    expect(soap).toBeLessThanOrEqual(Number(rows[1]!.optimizer_flops));
    // Rounds go there and back.
    const order = [...stderr.matchAll(/round (\d) {2}(.*): /g)].map(([, round, name]) => `${round} ${name}`);
    const names = rows.map(({ setting }) => setting!);
    expect(order).toEqual([...names.map((name) => `1 ${name}`), ...names.toReversed().map((name) => `2 ${name}`)]);
    expect(stdout).toMatch(/^soap precondition_frequency=4 +[\d.]+ m?s +\d\.\d\d× /m);
    expect(stdout.trimEnd().endsWith(join('times', 'step_times.csv'))).toBe(true);
  });

  it('writes into the folder of what was trained, as JSON too', async () => {
    expect((await place.run(['run', 'tiny.yaml', '--output', 'trained', '--quiet'])).code).toBe(0);
    const { code, stdout, stderr } = await place.run(['time', 'trained', '--rounds', '1', '--json']);
    expect(code, stderr).toBe(0);
    expect(stderr).toBe('');
    const [document] = JSON.parse(stdout) as [{ baseline: string; rows: { label: string; threads: number }[] }];
    expect(document.baseline).toBe('adamw');
    expect(document.rows.map(({ label }) => label)).toEqual(['adamw', 'shampoo', 'soap']);
    expect(place.csv('trained', 'step_times.csv')).toHaveLength(3);
  });

  it('writes into each experiment of a figure that has been begun', async () => {
    const figure = { figure: 'headline', profile: 'quick', protocol: 'paper', scale: null };
    mkdirSync(join(place.path, 'figure'));
    const file = join(place.path, 'figure', 'figure.json');
    writeFileSync(file, JSON.stringify({ ...figure, experiments: ['360m', '660m'] }));
    const time = () => place.run(['time', 'figure', '--rounds', '1', '--quiet']);
    const nothing = await time();
    expect([nothing.code, nothing.stderr]).toEqual([
      2,
      expect.stringContaining('has no experiment that has been begun'),
    ]);
    renameSync(join(place.path, 'trained'), join(place.path, 'figure', '660m'));
    const { code, stdout, stderr } = await time();
    expect(code, stderr).toBe(0);
    expect(stdout.trimEnd().endsWith(join('figure', '660m', 'step_times.csv'))).toBe(true);
  });

  it('says what it cannot do, and writes nothing', async () => {
    mkdirSync(join(place.path, 'empty'));
    const refused = async (words: string[], code: number, text: RegExp) => {
      const result = await place.run(words);
      expect([result.code, result.stderr]).toEqual([code, expect.stringMatching(text)]);
    };
    await refused(['time', 'empty'], 2, /empty is not the directory of an experiment/);
    await refused(['time', 'nowhere.yaml'], 2, /nowhere\.yaml/);
    await refused(['time', 'empty', 'tiny.yaml'], 2, /found empty and more, expected a folder alone/);
    await refused(['time', 'tiny.yaml', '--rounds', '0'], 2, /It must be a whole number from 1 to 999, such as 3/);
    await refused(['time', 'tiny.yaml', 'seeds=0,1', '--output', 'times'], 2, /times holds a sweep with other tasks/);
    const wrong = ['time', 'tiny.yaml', 'engine=wasm', 'precision=bfloat16', '--output', 'wrong'];
    await refused(wrong, 6, /adamw cannot be timed: .*bfloat16/);
    expect(place.list('wrong')).not.toContain('step_times.csv');
  });

  it.runIf(process.platform === 'linux')('says which setting it was when a process is killed', async () => {
    const { child, finished } = place.start(['time', ...swept, '--rounds', '1', '--output', 'killed']);
    // Not git, which says what the code is.
    const workers = () =>
      readFileSync(`/proc/${child.pid!}/task/${child.pid!}/children`, 'utf8')
        .trim()
        .split(' ')
        .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker'));
    while (workers().length === 0) await sleep(20);
    process.kill(Number(workers()[0]), 'SIGKILL');
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([
      5,
      expect.stringContaining('adamw cannot be timed: its process was killed by SIGKILL'),
    ]);
    expect(place.list('killed')).not.toContain('step_times.csv');
  });

  it('stops at once, and goes on with the same words where it was', async () => {
    const words = ['time', ...swept, '--rounds', '1', '--output', 'stopped'];
    const { child, finished } = place.start(words);
    await new Promise<void>((resolve) => {
      child.stderr!.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('round 1')) resolve();
      });
    });
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([130, expect.stringContaining('stopped before every setting was timed')]);
    expect(place.list('stopped')).not.toContain('step_times.csv');
    const again = await place.run(words);
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('1 of 3 measurements were made before')]);
    expect(again.stderr).toMatch(/^2\/3 {2}round 1/m);
    expect(place.list('stopped')).toEqual(['SHA256SUMS', 'config.yaml', 'runs', 'step_times.csv', 'tasks.json']);
  });
});
