import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { passes } from '../../src/verify/check.js';
import { shippedGoldenFiles, verifyFile } from '../../src/verify/verify.js';

const files = await shippedGoldenFiles();

/** Every golden file that ships, on one engine. */
export function goldenSuite(engine: Engine): void {
  describe('golden data', () => {
    it.each(files.map((file) => [basename(file, '.json'), file]))('%s', async (_name, file) => {
      const checks = await verifyFile(engine, file);
      expect(checks.length).toBeGreaterThan(0);
      expect(checks.filter((check) => !passes(check))).toEqual([]);
    });
  });
}
