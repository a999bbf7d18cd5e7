import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkout } from '../publish/checkout.js';
import { executable } from './chromium.js';

describe.skipIf(executable === undefined)('npm run docs:screenshots', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.make();
  });
  afterAll(() => {
    checkout.remove();
  });

  it('takes three pictures of a published page, small enough to be kept', async () => {
    const { code, stderr } = await checkout.run('screenshots');
    const files = ['light', 'dark', 'phone'].map((name) => join('docs', 'screenshots', `page-${name}.png`));
    expect([code, stderr]).toEqual([0, files.map((file) => `${file}\n`).join('')]);
    const pictures = files.map((file) => readFileSync(join(checkout.path, file)));
    // Width and height as the header of a PNG has them.
    const sizes = pictures.map((picture) => [picture.readUInt32BE(16), picture.readUInt32BE(20)]);
    expect(sizes).toEqual([
      [1280, 1500],
      [1280, 1500],
      [390, 844],
    ]);
    expect(pictures[0]!.equals(pictures[1]!)).toBe(false);
    for (const file of files) expect(statSync(join(checkout.path, file)).size).toBeGreaterThan(20_000);
  });

  it('says what is missing where there is no browser', async () => {
    const before = process.env.CHROMIUM;
    process.env.CHROMIUM = '/nowhere/chromium';
    const { code, stderr } = await checkout.run('screenshots');
    if (before === undefined) delete process.env.CHROMIUM;
    else process.env.CHROMIUM = before;
    expect([code, stderr]).toEqual([6, expect.stringContaining('no browser at /nowhere/chromium') as string]);
  });
});
