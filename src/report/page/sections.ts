import { chartsOf } from '../charts/all-charts.js';
import { chartOption, type ChartOption } from '../charts/chart-option.js';
import type { ReportData } from '../report-data.js';
import { tablesOf } from '../tables.js';
import { chartHtml } from './chart-html.js';
import { environmentFacts, measurementFacts, periodText, type Fact } from './facts.js';
import { escapeHtml } from './html.js';
import { tableHtml } from './table-html.js';

/** A part of the page that is replaced by itself when it changes. */
export interface Section {
  readonly id: string;
  readonly html: string;
}

/** What the page shows of its directories. */
export interface PageContent {
  readonly sections: readonly Section[];
  /** Charts by the `data-chart` of their boxes. */
  readonly charts: Readonly<Record<string, ChartOption>>;
}

/** The page of one directory or several, each with its answer, tables, charts and how to run it again. */
export function pageContent(reports: readonly ReportData[]): PageContent {
  const parts = reports.map((data, index) => directoryContent(data, reports.length === 1 ? '' : `${index + 1}-`));
  return {
    sections: parts.flatMap(({ sections }) => sections),
    charts: Object.assign({}, ...parts.map(({ charts }) => charts)) as PageContent['charts'],
  };
}

function directoryContent(data: ReportData, prefix: string): PageContent {
  const charts = chartsOf(data);
  const keys = charts.map(({ id }) => prefix + id);
  const [settings, ...more] = tablesOf(data);
  const runs = more.at(-1)!;
  const section = (id: string, ...html: string[]): Section => ({ id: prefix + id, html: html.join('\n') });
  const withNote = (table: typeof runs) => `${tableHtml(table)}\n<p class="note">${escapeHtml(table.note)}</p>`;
  return {
    sections: [
      section('answer', answerHtml(data)),
      section('results', '<h2>Results</h2>', withNote(settings!)),
      ...more.slice(0, -1).map((table) => section(table.id, `<h2>${escapeHtml(table.title)}</h2>`, withNote(table))),
      ...charts.map((chart, i) => section(`chart-${chart.id}`, chartHtml(chart, keys[i]!))),
      section(
        'runs',
        '<details open>',
        `<summary><h2>${escapeHtml(runs.title)}</h2></summary>`,
        withNote(runs),
        '</details>',
      ),
      section('measured', '<h2>How it was measured</h2>', factsHtml(measurementFacts(data))),
      section('again', '<h2>To run it again</h2>', againHtml(data)),
    ],
    charts: Object.fromEntries(charts.map((chart, i) => [keys[i]!, chartOption(chart)])),
  };
}

function answerHtml(data: ReportData): string {
  const { summary, headline } = data;
  const tasks = summary.rows.flatMap((row) => row.tasks);
  const count = (states: readonly string[]) => tasks.filter(({ row }) => states.includes(row.state)).length;
  const seeds = new Set(tasks.map(({ row }) => row.seed)).size;
  const missed = tasks.filter(({ row }) => row.reached === false && row.state === 'finished').length;
  const parts = [
    ...(tasks.length === 0 ? ['options are being chosen'] : [seedsText(seeds), `${tasks.length} runs`]),
    ...[
      [count(['diverged']), 'diverged'],
      [count(['failed']), 'failed'],
      [missed, 'did not reach the target'],
      [count(['running']), 'running'],
      [count(['not_started', 'interrupted']), 'not finished'],
    ].flatMap(([n, text]) => (n === 0 ? [] : [`${n} ${text}`])),
    periodText(data),
  ];
  return [
    `<p class="name">${escapeHtml(summary.name)}</p>`,
    `<h1>${escapeHtml(headline)}</h1>`,
    `<p class="note">${escapeHtml(parts.join(' · '))}</p>`,
  ].join('\n');
}

function seedsText(seeds: number): string {
  return seeds === 1 ? 'n = 1: one seed, no interval' : `${seeds} seeds`;
}

function againHtml(data: ReportData): string {
  const { configYaml } = data;
  return [
    '<p>Save the configuration below as <code>config.yaml</code>, then:</p>',
    '<pre>npm ci\nnpx soap-bench run config.yaml</pre>',
    factsHtml(environmentFacts(data)),
    '<details open><summary>config.yaml</summary>',
    `<pre class="config">${escapeHtml(configYaml)}</pre>`,
    '</details>',
  ].join('\n');
}

function factsHtml(facts: readonly Fact[]): string {
  const lines = facts.map(([term, text]) => `<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(text)}</dd>`);
  return `<dl>${lines.join('\n')}</dl>`;
}
