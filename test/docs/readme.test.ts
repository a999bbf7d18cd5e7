import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../src/config/load.js';
import { readExperiment } from '../../src/run/read.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the README', () => {
  it('shows a run of the quickstart as it stands', () => {
    const quickstart = loadExperiment({ files: [`${root}configs/quickstart.yaml`], overrides: [] });
    expect(readExperiment(`${root}results/published/quickstart`).config).toEqual(quickstart);
  });
});
