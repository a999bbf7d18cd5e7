import { chartsOf } from '../charts/all-charts.js';
import { chartOption } from '../charts/chart-option.js';
import type { ReportData } from '../report-data.js';
import { timingText } from '../step-times/timing-facts.js';
import type { ReportTable } from '../../table/table.js';
import { tablesOf } from '../tables/tables.js';
import { chartHtml } from './chart-html.js';
import type { PageContent, Section } from './content.js';
import { environmentFacts, measurementFacts, periodText } from './facts.js';
import type { Fact } from './fact.js';
import { escapeHtml } from '../../escape-html.js';
import { htmlTableWithNote } from '../../table/html.js';
import { plural } from '../../format.js';

/**
 * What the page shows of an experiment or a sweep.
 * @param prefix Begins the names of its sections and charts, where the page has others.
 * @param part Of a figure: what the experiment is called there. Its answer then stands at the top of the page, too.
 */
export function directoryContent(data: ReportData, prefix: string, part?: string): PageContent {
  const charts = chartsOf(data);
  const keys = charts.map(({ id }) => prefix + id);
  const [first, ...others] = tablesOf(data);
  const runs = others.find(({ id }) => id === 'runs');
  const section = (id: string, ...html: string[]): Section => ({ id: prefix + id, html: html.join('\n') });
  return {
    sections: [
      section('answer', answerHtml(data, part)),
      section('results', '<h2>Results</h2>', htmlTableWithNote(first!)),
      ...others
        .filter((table) => table !== runs)
        .map((table) => section(table.id, `<h2>${escapeHtml(table.title)}</h2>`, htmlTableWithNote(table))),
      ...charts.map((chart, i) => section(`chart-${chart.id}`, chartHtml(chart, keys[i]!))),
      ...(runs === undefined ? [] : [section('runs', runsHtml(runs))]),
      section('measured', '<h2>How it was measured</h2>', factsHtml(measurementFacts(data))),
      section('again', '<h2>To run it again</h2>', againHtml(data)),
    ],
    charts: Object.fromEntries(charts.map((chart, i) => [keys[i]!, chartOption(chart)])),
  };
}

function runsHtml(runs: ReportTable): string {
  const summary = `<summary><h2>${escapeHtml(runs.title)}</h2></summary>`;
  return ['<details open>', summary, htmlTableWithNote(runs), '</details>'].join('\n');
}

function answerHtml(data: ReportData, part: string | undefined): string {
  const { summary, headline } = data;
  const note = `<p class="note">${escapeHtml(data.isTimedOnly ? timedText(data) : stateText(data))}</p>`;
  if (part !== undefined) return [`<h2 class="part">${escapeHtml(part)}</h2>`, note].join('\n');
  return [`<p class="name">${escapeHtml(summary.name)}</p>`, `<h1>${escapeHtml(headline)}</h1>`, note].join('\n');
}

function timedText({ study: { stepTimes } }: ReportData): string {
  const settings = stepTimes.length === 1 ? 'one setting' : `${stepTimes.length} settings`;
  return `${settings}, timed and not trained · ${timingText(stepTimes)}`;
}

/** What has been trained, and what came of it. */
function stateText(data: ReportData): string {
  const { summary } = data;
  const tasks = summary.rows.flatMap((row) => row.tasks);
  const count = (states: readonly string[]) => tasks.filter(({ row }) => states.includes(row.state)).length;
  const seeds = new Set(tasks.map(({ row }) => row.seed)).size;
  const missed = tasks.filter(({ row }) => row.reached === false && row.state === 'finished').length;
  const parts = [
    ...(tasks.length === 0 ? ['options are being chosen'] : [seedsText(seeds), plural(tasks.length, 'run')]),
    ...[
      [count(['diverged']), 'diverged'],
      [count(['failed']), 'failed'],
      [missed, 'did not reach the target'],
      [count(['running']), 'running'],
      [count(['not_started', 'interrupted']), 'not finished'],
    ].flatMap(([n, text]) => (n === 0 ? [] : [`${n} ${text}`])),
    periodText(data),
  ];
  return parts.join(' · ');
}

function seedsText(seeds: number): string {
  return seeds === 1 ? 'n = 1: one seed, no interval' : `${seeds} seeds`;
}

function againHtml(data: ReportData): string {
  const { configYaml, isTimedOnly } = data;
  return [
    '<p>Save the configuration below as <code>config.yaml</code>, then:</p>',
    `<pre>npm ci\nnpx soap-bench ${isTimedOnly ? 'time' : 'run'} config.yaml</pre>`,
    factsHtml(environmentFacts(data)),
    '<details open><summary>config.yaml</summary>',
    `<pre class="config">${escapeHtml(configYaml)}</pre>`,
    '</details>',
  ].join('\n');
}

export function factsHtml(facts: readonly Fact[]): string {
  const lines = facts.map(([term, text]) => `<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(text)}</dd>`);
  return `<dl>${lines.join('\n')}</dl>`;
}
