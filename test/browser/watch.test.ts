import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startWatch, type Watch } from '../../src/watch/server.js';
import { Workspace } from '../e2e/command.js';
import { experimentDirectory, quickstartSketch } from '../report/helpers.js';
import { executable, launch, openPage } from './chromium.js';

const follow = (directory: string, port = 0) => startWatch(directory, { port, onTrouble: () => undefined });

describe.skipIf(executable === undefined)('a page that follows its runs', () => {
  const workspace = new Workspace();
  let browser: Browser;
  let watch: Watch | undefined;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await watch?.close();
    await browser.close();
    rmSync(workspace.path, { recursive: true, force: true });
  });

  it('keeps what a reader zoomed to when the runs go on', async () => {
    const directory = experimentDirectory(quickstartSketch());
    watch = await follow(directory);
    const { page, complaints, close } = await openPage(browser, watch.url, { viewport: { width: 1280, height: 900 } });
    const chart = page.locator('#loss-steps [data-chart]');
    const numbers = async () =>
      (await chart.locator('svg text').allTextContents()).filter((text) => /^\d+$/.test(text));
    await chart.scrollIntoViewIfNeeded();
    const box = (await chart.boundingBox())!;
    await page.mouse.move(box.x + 0.5 * box.width, box.y + 0.4 * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.7 * box.width, box.y + 0.7 * box.height, { steps: 4 });
    await page.mouse.up();
    await expect.poll(numbers).not.toContain('200');
    const zoomed = await numbers();
    writeRunStatus(directory, 'interrupted');
    await expect
      .poll(() => page.locator('[data-section=answer]').innerText(), { timeout: 20_000 })
      .toContain('not finished');
    expect(await numbers()).toEqual(zoomed);
    expect(complaints).toEqual([]);
    await close();
    await watch.close();
  });

  it('shows a real training as it goes on, through a restart of the server and of the training', async () => {
    const directory = join(workspace.path, 'live');
    const words = ['run', 'tiny.yaml', '~optimizers.shampoo', '~optimizers.soap', 'train.steps=2000', '--quiet'];
    const { child, finished } = workspace.start([...words, 'train.eval_every=20', '--output', directory], {}, true);
    // It stands still while the browser is slow: whenever it is looked at, there is something left to train.
    const signal = (name: NodeJS.Signals) => process.kill(-child.pid!, name);
    onTestFinished(() => {
      if (child.exitCode === null) signal('SIGKILL');
    });
    const evaluations = join(directory, 'runs', 'adamw', 'eval.csv');
    const evaluated = () => existsSync(evaluations) && readFileSync(evaluations, 'utf8').split('\n').length > 4;
    await expect.poll(evaluated, { timeout: 60_000, interval: 20 }).toBe(true);
    signal('SIGSTOP');
    watch = await follow(directory);
    const port = Number(new URL(watch.url).port);
    const { page, complaints, close } = await openPage(browser, watch.url);
    const answer = page.locator('[data-section=answer]');
    await expect.poll(() => answer.innerText(), { timeout: 60_000 }).toContain('1 running');
    const curve = page.locator('#loss-steps [data-chart] svg');
    await expect.poll(() => curve.count(), { timeout: 60_000 }).toBe(1);
    const before = await curve.innerHTML();
    signal('SIGCONT');
    await expect.poll(() => curve.innerHTML(), { timeout: 60_000 }).not.toBe(before);
    signal('SIGSTOP');
    expect(complaints).toEqual([]);

    await watch.close();
    await expect.poll(() => page.locator('#connection').innerText(), { timeout: 20_000 }).toContain('does not answer');
    child.kill('SIGTERM');
    signal('SIGCONT');
    expect((await finished).code).toBe(75);
    watch = await follow(directory, port);
    await expect.poll(() => page.locator('#connection').isHidden(), { timeout: 20_000 }).toBe(true);
    await expect.poll(() => answer.innerText(), { timeout: 30_000 }).toContain('not finished');

    expect((await workspace.run(['resume', directory, '--quiet'])).code).toBe(0);
    await expect.poll(() => page.locator('h1').innerText(), { timeout: 60_000 }).not.toMatch(/^So far|^No target/);
    expect(await answer.innerText()).not.toContain('not finished');
    const summary = readFileSync(join(directory, 'summary.csv'), 'utf8').split('\n')[1]!.split(',');
    const shown = page.locator('[data-table=runs] tbody tr').first().locator('[data-column=final_loss]');
    expect(summary).toContain(await shown.getAttribute('data-value'));
    // What the browser itself says of the lost connection.
    expect(complaints.filter((text) => !text.includes('ERR_'))).toEqual([]);
    await close();
  });
});

/** Says of soap's run that it stands otherwise. */
function writeRunStatus(directory: string, state: string): void {
  const file = join(directory, 'runs', 'soap', 'status.json');
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), state }));
}
