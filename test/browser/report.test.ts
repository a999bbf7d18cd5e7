import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readStudy } from '../../src/results/study.js';
import { analyse } from '../../src/analysis/analysis.js';
import { readReport } from '../../src/report/report-data.js';
import { readAnyReport } from '../../src/report/report.js';
import { writeStudyFiles } from '../../src/report/csv/study-files.js';
import { reportFiles, writeFiles } from '../../src/report/write-report.js';
import { budgetsDirectory, headlineFigure, settingsDirectory } from '../report/contest.js';
import { executable, launch, numberOf, numbersOf, openPage } from './chromium.js';

const quickstart = fileURLToPath(new URL('../../results/published/quickstart', import.meta.url));

/** A copy that a test may write into. */
function quickstartDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'soap-bench-page-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  cpSync(quickstart, directory, { recursive: true });
  return directory;
}

function writePage(...directories: string[]): string {
  const folder = join(directories[0]!, 'report');
  writeFiles(reportFiles(directories.map(readReport)), folder);
  return pathToFileURL(join(folder, 'report.html')).href;
}

function recordsOf(file: string): Record<string, number>[] {
  const records: Record<string, string>[] = parse(readFileSync(file), { columns: true });
  return records.map((record) =>
    Object.fromEntries(Object.entries(record).map(([key, text]) => [key, numberOf(text)])),
  );
}

describe.skipIf(executable === undefined)('the page of a report in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
  });

  it('loads from disk without network or complaint, and draws every chart', async () => {
    for (const directory of [quickstartDirectory(), budgetsDirectory(), settingsDirectory()]) {
      const { page, complaints, close } = await openPage(browser, writePage(directory), { offline: true });
      const charts = await page.locator('[data-chart]').count();
      expect(charts).toBeGreaterThan(5);
      expect(await page.locator('[data-chart] svg').count()).toBe(charts);
      for (const svg of await page.locator('[data-chart] svg').all()) {
        expect(await svg.locator('path').count()).toBeGreaterThan(5);
      }
      expect(complaints).toEqual([]);
      await close();
    }
  });

  it('has the numbers of summary.csv, an experiment’s', async () => {
    const directory = quickstartDirectory();
    writeStudyFiles(analyse(readStudy(directory)));
    const { page, close } = await openPage(browser, writePage(directory));
    const expected = recordsOf(join(directory, 'summary.csv'));
    const runs = await numbersOf(page, 'runs');
    expect(Object.keys(runs[0]!).length).toBeGreaterThan(6);
    expect(runs).toEqual(runs.map((row, i) => pick(expected[i]!, row)));
    const settings = await numbersOf(page, 'settings');
    expect(settings.map(({ final_loss_mean }) => final_loss_mean)).toEqual(
      expected.map(({ final_loss }) => final_loss),
    );
    expect(settings.map(({ steps_ratio_mean }) => steps_ratio_mean)).toEqual(
      expected.map(({ steps_ratio }) => steps_ratio),
    );
    // What is read is the number behind it.
    const soap = page.locator('[data-table=settings] tbody tr').nth(2);
    expect(await soap.locator('[data-column=steps_ratio_mean]').innerText()).toBe(
      `${expected[2]!.steps_ratio!.toFixed(2)}×`,
    );
    expect(await page.locator('h1').innerText()).toContain(
      `soap reached adamw's final loss (${expected[0]!.final_loss!.toFixed(3)})`,
    );
    expect(await page.locator('[data-section=answer]').innerText()).toContain('n = 1: one seed, no interval');
    await close();
  });

  it('has the numbers of summary.csv, runs.csv and efficiency.csv, a sweep’s', async () => {
    const directory = budgetsDirectory();
    writeStudyFiles(analyse(readStudy(directory)));
    const { page, close } = await openPage(browser, writePage(directory));
    for (const [table, file] of [
      ['settings', 'summary'],
      ['runs', 'runs'],
      ['efficiency', 'efficiency'],
    ] as const) {
      const expected = recordsOf(join(directory, `${file}.csv`));
      const shown = await numbersOf(page, table);
      expect(shown).toEqual(expected.map((record, i) => pick(record, shown[i]!)));
    }
    const [fit] = recordsOf(join(directory, 'efficiency.csv'));
    expect(fit!.steps_ratio).toBeCloseTo(0.55, 1);
    const { steps_ratio, steps_ratio_low, steps_ratio_high } = fit!;
    const interval = [steps_ratio_low, steps_ratio_high].map((end) => end!.toFixed(2)).join(', ');
    expect(await page.locator('h1').innerText()).toContain(
      `soap needs ${steps_ratio!.toFixed(2)}× [${interval}] the iterations`,
    );
    await close();
  });

  it('shows what diverged and what missed its target', async () => {
    const { page, close } = await openPage(browser, writePage(budgetsDirectory()));
    expect(await page.locator('[data-section=answer]').innerText()).toMatch(
      /1 diverged · \d+ did not reach the target/,
    );
    const rowOf = (table: string, label: string) =>
      page.locator(`[data-table=${table}] tr`, { hasText: label }).innerText();
    expect(await rowOf('settings', 'lion')).toMatch(/diverged\s+not reached/);
    expect(await rowOf('settings', 'muon')).toContain('not reached');
    expect(await rowOf('runs', 'lion')).toContain('diverged at step 20');
    const chart = await page.locator('#iterations-to-target [data-chart] svg').innerHTML();
    expect(chart).toContain('diverged');
    expect(chart).toContain('not in 40 steps');
    await close();
  });

  it('holds a figure’s claims beside what was measured, as claims.csv and summary.csv have it', async () => {
    const directory = headlineFigure();
    const folder = join(directory, 'report');
    writeFiles(reportFiles([readAnyReport(directory)]), folder);
    const experiment = join(directory, '360m');
    writeStudyFiles(analyse(readStudy(experiment)));
    const url = pathToFileURL(join(folder, 'report.html')).href;
    const { page, complaints, close } = await openPage(browser, url, { offline: true });
    const claims = recordsOf(join(folder, 'tables', 'claims.csv'));
    expect((await numbersOf(page, 'claims')).map(({ value }) => value)).toEqual(claims.map(({ value }) => value));
    const { value, value_low, value_high } = claims[0]!;
    const interval = `[${value_low!.toFixed(2)}, ${value_high!.toFixed(2)}]`;
    expect(await page.locator('h1').allInnerTexts()).toEqual([
      expect.stringContaining(`360m soap needs ${value!.toFixed(2)}× ${interval} the iterations`) as string,
    ]);
    expect(await page.locator('[data-section=answer]').innerText()).toMatch(
      /3 hold here, and 1 does not[^]*Not run yet: 660m/,
    );
    const rows = await page.locator('[data-table=claims] tbody tr').allInnerTexts();
    expect(rows[0]).toMatch(/over 40% fewer iterations than AdamW[^]*at most 0\.60×[^]*holds$/);
    expect(rows[1]).toMatch(/does not hold$/);
    for (const [table, file] of [
      ['settings', 'summary'],
      ['runs', 'runs'],
      ['efficiency', 'efficiency'],
    ] as const) {
      const expected = recordsOf(join(experiment, `${file}.csv`));
      const shown = await numbersOf(page, table);
      expect(shown).toEqual(expected.map((record, i) => pick(record, shown[i]!)));
    }
    expect(await page.locator('[data-chart] svg').count()).toBe(await page.locator('[data-chart]').count());
    const how = await page.locator('[data-section=how]').innerText();
    expect(how).toContain('npx soap-bench reproduce headline --profile quick\n');
    expect(how).toContain(
      'npx soap-bench run configs/paper/headline-360m.yaml configs/paper/quick/headline-360m.yaml --output results/paper/headline-quick/360m\n',
    );
    expect(complaints).toEqual([]);
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390);
    expect((await page.locator('[data-table=claims]').boundingBox())!.width).toBeLessThan(390);
    const cells = "[...document.querySelector('[data-table=claims] tbody tr').cells]";
    const names = await page.evaluate<string[]>(`${cells}.map((cell) => getComputedStyle(cell, '::before').content)`);
    expect(names).toEqual(['none', '"there"', '"bound"', '"where"', '"here"', 'none']);
    await close();
  });

  it('says what a pointer is at, zooms where one drags, and shows all again', async () => {
    const { page, complaints, close } = await openPage(browser, writePage(quickstartDirectory()), {
      viewport: { width: 1280, height: 900 },
    });
    const chart = page.locator('#loss-steps [data-chart]');
    await chart.scrollIntoViewIfNeeded();
    const numbers = async () =>
      (await chart.locator('svg text').allTextContents()).filter((text) => /^\d+$/.test(text));
    const before = await numbers();
    expect(before).toContain('200');
    const box = (await chart.boundingBox())!;
    await page.mouse.move(box.x + 0.5 * box.width, box.y + 0.5 * box.height);
    await expect.poll(() => chart.innerText()).toMatch(/adamw[\s\S]*\d\.\d+/);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.7 * box.width, box.y + 0.7 * box.height, { steps: 4 });
    await page.mouse.up();
    await expect.poll(numbers).not.toContain('200');
    await chart.dblclick({ position: { x: box.width / 2, y: box.height / 2 } });
    await expect.poll(numbers).toEqual(before);
    await page.locator('#loss-steps').getByRole('button', { name: 'log x' }).click();
    await expect.poll(numbers).toContain('10');
    const curves = () => chart.locator('svg path[stroke="#e8590c"]').count();
    const drawn = await curves();
    await page.locator('#loss-steps').getByRole('button', { name: 'soap' }).click();
    await expect.poll(curves).toBeLessThan(drawn);
    expect(complaints).toEqual([]);
    await close();
  });

  it('is light or dark as the reader’s system, and light on paper', async () => {
    const { page, complaints, close } = await openPage(browser, writePage(budgetsDirectory()), { colorScheme: 'dark' });
    const look = async () => ({
      paper: await page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor'),
      ink: await page.locator('#memory svg text').first().getAttribute('fill'),
    });
    expect(await look()).toEqual({ paper: 'rgb(21, 23, 26)', ink: '#a0a7ae' });
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(look).toEqual({ paper: 'rgb(255, 255, 255)', ink: '#5c636b' });
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
    await expect.poll(look).toEqual({ paper: 'rgb(255, 255, 255)', ink: '#5c636b' });
    expect((await page.pdf()).length).toBeGreaterThan(20_000);
    expect(complaints).toEqual([]);
    await close();
  });

  it('fits a phone', async () => {
    const { page, close } = await openPage(browser, writePage(settingsDirectory()), {
      viewport: { width: 390, height: 800 },
    });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390);
    const widths = await page
      .locator('[data-chart] svg')
      .evaluateAll((found: unknown) => (found as { clientWidth: number }[]).map(({ clientWidth }) => clientWidth));
    expect(Math.min(...widths)).toBeGreaterThan(330);
    await close();
  });

  it('holds several directories, each with its answer and its charts', async () => {
    const { page, complaints, close } = await openPage(browser, writePage(quickstartDirectory(), settingsDirectory()));
    expect(await page.locator('h1').count()).toBe(2);
    expect(await page.locator('#\\31 -loss-steps [data-chart] svg').count()).toBe(1);
    expect(await page.locator('#\\32 -learning-rate [data-chart] svg').count()).toBe(1);
    expect(complaints).toEqual([]);
    await close();
  });
});

/** The columns of a record that another one has. */
function pick(record: Record<string, number>, like: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.keys(like).map((key) => [key, record[key]!]));
}
