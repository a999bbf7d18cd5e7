import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scriptJson } from '../../src/escape-html.js';
import { pageHtml } from '../../src/report/page/page.js';
import { pageContent } from '../../src/report/page/sections.js';
import { readReport } from '../../src/report/report-data.js';
import { tasksFile } from '../../src/results/tasks.js';
import { experimentDirectory, quickstartSketch } from './helpers.js';
import { writeTimes } from '../step-time/rounds.js';
import { sweepDirectory } from './sweep-helpers.js';

const sectionsOf = (directory: string) =>
  new Map(pageContent([readReport(directory)]).sections.map(({ id, html }) => [id, html]));

describe('the page of a report', () => {
  it('says how far runs are that go on, and does not call them misses', () => {
    const { steps, runs } = quickstartSketch();
    const soap = {
      ...runs.soap,
      losses: runs.soap!.losses!.slice(0, 4),
      status: { state: 'running', step: 35 } as const,
    };
    const answer = sectionsOf(experimentDirectory({ steps, runs: { ...runs, soap } })).get('answer')!;
    expect(answer).toContain('1 running');
    expect(answer).not.toContain('did not reach');
    const late = {
      ...runs.soap,
      losses: runs.adamw!.losses!.map(([step, loss]): [number, number] => [step, loss + 1]),
    };
    const missed = sectionsOf(experimentDirectory({ steps, runs: { adamw: runs.adamw!, soap: late } }));
    expect(missed.get('answer')).toContain('1 did not reach the target');
  });

  it('tells how to run it again: configuration, versions, machine', () => {
    const sections = sectionsOf(experimentDirectory(quickstartSketch()));
    expect(sections.get('again')).toContain('batch_tokens: 100');
    expect(sections.get('again')).toContain('<dt>device</dt><dd>a CPU</dd>');
    expect(sections.get('measured')).toContain('200 steps of 100 tokens; cosine');
  });

  it('is there while options are still being chosen', () => {
    const directory = sweepDirectory([
      {
        label: 'adamw',
        losses: [
          [0, 7],
          [20, 4],
        ],
        lr: 0.001,
      },
    ]);
    const file = join(directory, tasksFile);
    const { tasks, ...list } = JSON.parse(readFileSync(file, 'utf8')) as { tasks: { config: unknown }[] };
    const { config } = tasks[0]!;
    const tuning = {
      label: 'adamw',
      choices: [],
      grid: [{ key: 'lr', values: [0.001, 0.01] }],
      protocol: 'grid',
      extend: false,
      templates: [{ budget: [], seed: 0, config }],
      tried: [{ ...tasks[0], values: { lr: 0.001 }, budget: 20, stage: 'grid' }],
    };
    writeFileSync(file, JSON.stringify({ ...list, tasks: [], tunings: [tuning] }));
    const sections = sectionsOf(directory);
    expect(sections.get('answer')).toContain('options are being chosen');
    expect(sections.get('tuning')).toMatch(/lr=0\.001[\s\S]*4\.000/);
    // That something was timed meanwhile does not make it a page of times.
    writeTimes(directory, { adamw: '10 10' });
    expect(sectionsOf(directory).get('answer')).toBe(sections.get('answer'));
    expect(sectionsOf(directory).get('step-times')).toContain('10 ms');
  });

  it('lets no name end its script or its title', () => {
    expect(scriptJson({ name: '</script><b>' })).toBe('{"name":"\\u003c/script>\\u003cb>"}');
    const html = pageHtml('</title><b>', { sections: [], charts: {} });
    expect(html.includes('<title>&lt;/title&gt;&lt;b&gt;</title>')).toBe(true);
  });
});
