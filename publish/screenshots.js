import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { SoapBenchError, exitCodes } from '../dist/errors.js';
import { publishedFolder } from './published.js';

/** Where the pictures of a page go, below the checkout. */
const folder = join('docs', 'screenshots');

/** What a repository should carry for a picture, in bytes. */
const largest = 300_000;

const views = [
  { name: 'page-light.png', colorScheme: 'light', viewport: { width: 1280, height: 1500 } },
  { name: 'page-dark.png', colorScheme: 'dark', viewport: { width: 1280, height: 1500 } },
  { name: 'page-phone.png', colorScheme: 'light', viewport: { width: 390, height: 844 } },
];

/**
 * Pictures of a published report's page as a browser shows it: light, dark, on a phone.
 * @param {string} root
 * @returns {Promise<string[]>} What was written, below the checkout.
 * @throws SoapBenchError `no_browser`, `picture_too_large`.
 */
export async function takeScreenshots(root) {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) throw noBrowser(executablePath);
  const page = pathToFileURL(join(root, pageOf(root))).href;
  mkdirSync(join(root, folder), { recursive: true });
  // Containers have no user namespaces for its sandbox.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    for (const { name, colorScheme, viewport } of views) {
      const context = await browser.newContext({ colorScheme: colorScheme === 'dark' ? 'dark' : 'light', viewport });
      const tab = await context.newPage();
      await tab.goto(page);
      await tab.locator('[data-chart] svg').first().waitFor();
      await tab.screenshot({ path: join(root, folder, name) });
      await context.close();
    }
  } finally {
    await browser.close();
  }
  return views.map(({ name }) => withinSize(root, join(folder, name)));
}

/**
 * The paper's main figure; until that is published, the quickstart.
 * @param {string} root
 */
function pageOf(root) {
  const pages = ['headline', 'quickstart'].map((name) => join(publishedFolder, name, 'report', 'report.html'));
  return /** @type {string} */ (pages.find((page) => existsSync(join(root, page))) ?? pages.at(-1));
}

/**
 * @param {string} root
 * @param {string} file
 */
function withinSize(root, file) {
  const { size } = statSync(join(root, file));
  if (size <= largest) return file;
  throw new SoapBenchError('picture_too_large', `${file} has ${size} bytes, more than ${largest}`, {
    hint: 'make the window smaller in publish/screenshots.js',
  });
}

/** @param {string} path */
function noBrowser(path) {
  return new SoapBenchError('no_browser', `there is no browser at ${path}`, {
    exitCode: exitCodes.unavailable,
    hint: "install Debian's chromium, or name another one by the variable CHROMIUM",
  });
}
