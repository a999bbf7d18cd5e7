import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../src/config/load.js';
import { comparisonText } from '../../src/report/comparison.js';
import { summaryCsv } from '../../src/report/summary-csv.js';
import { summarize } from '../../src/report/summary.js';
import { readExperiment } from '../../src/run/read.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const published = 'results/published/quickstart';

describe('the README', () => {
  const experiment = { ...readExperiment(root + published), directory: published };
  const summary = summarize(experiment);

  it('shows what the published quickstart run says (npm run docs:readme)', () => {
    const text = comparisonText(experiment, summary, { width: 100, color: false, plot: true });
    expect(readFileSync(`${root}README.md`, 'utf8')).toContain(`\`\`\`\n${text.trimEnd()}\n\`\`\``);
  });

  it('has a published summary that follows from the published runs', () => {
    expect(readFileSync(`${root}${published}/summary.csv`, 'utf8')).toBe(summaryCsv(summary));
  });

  it('shows a run of the quickstart as it stands', () => {
    const quickstart = loadExperiment({ files: [`${root}configs/quickstart.yaml`], overrides: [] });
    expect(experiment.config).toEqual(quickstart);
  });
});
