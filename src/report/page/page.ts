import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { packageRoot } from '../../own-package.js';
import { chartTheme, papers, type Paper } from '../charts/themes.js';
import { escapeHtml, scriptJson } from '../../escape-html.js';
import type { PageContent } from './content.js';

const assets = `${packageRoot}assets/`;

/** What the page's script is told besides its content. */
interface PageSettings {
  /** Where changes are announced, for a page that follows its runs. */
  readonly events?: string;
  /** Of the content, so that the first announcement of the same one changes nothing. */
  readonly version?: string;
}

/** What a page is served with. */
interface PageServing {
  /** Marks the scripts that a content security policy allows. */
  readonly nonce?: string;
}

/** A page that needs nothing but itself: styles, script, charts and numbers are within it. */
export function pageHtml(
  title: string,
  { sections, charts }: PageContent,
  settings: PageSettings = {},
  { nonce }: PageServing = {},
): string {
  const allowed = nonce === undefined ? '' : ` nonce="${nonce}"`;
  const themes = { light: chartTheme(papers.light), dark: chartTheme(papers.dark) };
  const body = sections.map(({ id, html }) => `<section data-section="${id}">${html}</section>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>
:root { ${variables(papers.light)} }
@media screen and (prefers-color-scheme: dark) { :root { ${variables(papers.dark)} } }
${asset('report.css')}</style>
</head>
<body>
<p id="connection" role="status" hidden></p>
<main>
${body.join('\n')}
</main>
<footer>Made by soap-bench. Drag over a chart to zoom, double-click to see all of it again; names switch curves off and on.</footer>
<script type="application/json" id="content">${scriptJson({ charts, themes, ...settings })}</script>
<script${allowed}>${chartLibrary()}</script>
<script type="module"${allowed}>${asset('report.js')}</script>
</body>
</html>
`;
}

function variables(paper: Paper): string {
  return Object.entries(paper)
    .map(([name, color]) => `--${name}: ${color};`)
    .join(' ');
}

function asset(name: string): string {
  return readFileSync(`${assets}${name}`, 'utf8');
}

/** ECharts with what our charts take of it: lines, bars, dots, axes, zoom, tooltips. */
function chartLibrary(): string {
  const file = createRequire(import.meta.url).resolve('echarts/dist/echarts.common.min.js');
  return readFileSync(file, 'utf8').replaceAll('</script', '<\\/script');
}
