import { claimsTable } from '../tables/claims-table.js';
import { verdictsText } from '../text/verdicts-text.js';
import type { FigureReport } from '../figure-report.js';
import { joined, type PageContent, type Section } from './content.js';
import { directoryContent, factsHtml } from './directory-content.js';
import { figureFacts, reproduceLine, runLines } from './figure-facts.js';
import { escapeHtml } from '../../escape-html.js';
import { htmlTableWithNote } from '../../table/html.js';

/**
 * What the page shows of a figure of the paper: an answer an experiment, the paper's claims beside them, how to run it
 * again, and then each experiment by itself.
 */
export function figureContent(report: FigureReport, prefix: string): PageContent {
  const { experiments, claims } = report;
  const table = claimsTable(claims);
  const section = (id: string, html: string): Section => ({ id: prefix + id, html });
  const own: PageContent = {
    sections: [
      section('answer', answersHtml(report)),
      section('claims', `<h2>${escapeHtml(table.title)}</h2>\n${htmlTableWithNote(table)}`),
      section('how', `<h2>How it was run</h2>\n${howHtml(report)}`),
    ],
    charts: {},
  };
  const parts = experiments.map(({ name, data }) => directoryContent(data, `${prefix}${name}-`, name));
  return joined([own, ...parts]);
}

function answersHtml({ figure, experiments, claims, notBegun }: FigureReport): string {
  const answers = experiments.map(({ name, data }) =>
    [
      `<h1><span class="part">${escapeHtml(name)}</span> ${escapeHtml(data.headline)}</h1>`,
      `<p class="verdicts">${escapeHtml(verdictsText(claims, name))}</p>`,
    ].join('\n'),
  );
  const missing = notBegun.length === 0 ? [] : [`<p class="note">Not run yet: ${escapeHtml(notBegun.join(', '))}</p>`];
  return [
    `<p class="name">${escapeHtml(`${figure.title} · the SOAP paper, ${figure.paper}`)}</p>`,
    ...answers,
    ...missing,
  ].join('\n');
}

function howHtml(report: FigureReport): string {
  const lines = ['npm ci', reproduceLine(report.file), '', '# or each experiment by itself', ...runLines(report.file)];
  return `${factsHtml(figureFacts(report))}\n<pre>${escapeHtml(lines.join('\n'))}</pre>`;
}
