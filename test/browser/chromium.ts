import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];

/** The browser of this machine; `CHROMIUM` names another one. Undefined when there is none, which CI does not accept. */
export const executable = [process.env.CHROMIUM ?? '', ...places].find((path) => path !== '' && existsSync(path));

if (executable === undefined && process.env.CI !== undefined) throw new Error('CI has no chromium');

export function launch(): Promise<Browser> {
  // Containers have no user namespaces for its sandbox.
  return chromium.launch({ executablePath: executable!, args: ['--no-sandbox'] });
}

/** A page with a list of everything that it complains about or asks the network for. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const own = request.url().startsWith(new URL(url).origin) || request.url().startsWith('data:');
    if (!own && !request.url().startsWith('file:')) complaints.push(`asks for ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}

/** The numbers of a table on the page, row by row, by the columns that the CSV files have for them. */
export async function numbersOf(page: Page, table: string): Promise<Record<string, number>[]> {
  const rows = await page.locator(`[data-table="${table}"] tbody tr`).all();
  return Promise.all(
    rows.map(async (row) => {
      const cells = await row.locator('[data-column]').all();
      const entries = cells.map(async (cell) => {
        const value = (await cell.getAttribute('data-value'))!;
        return [(await cell.getAttribute('data-column'))!, numberOf(value)] as const;
      });
      return Object.fromEntries(await Promise.all(entries));
    }),
  );
}

/** A number as the page and the CSV files write it. */
export function numberOf(text: string): number {
  if (text === 'inf' || text === 'Infinity') return Infinity;
  return text === '' ? NaN : Number(text);
}
