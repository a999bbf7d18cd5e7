import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runPage, runPageText } from '../../../src/report/text/run-page.js';
import { readFoundExperiment } from '../../../src/results/find.js';
import { experimentDirectory } from '../helpers.js';

describe('the page of a run', () => {
  const shown = (environment: object) => {
    const losses: [number, number][] = [
      [0, 6],
      [10, 5],
    ];
    const directory = experimentDirectory({ steps: 10, runs: { adamw: { losses } } });
    writeFileSync(join(directory, 'runs', 'adamw', 'environment.json'), JSON.stringify(environment));
    const experiment = readFoundExperiment(directory, directory);
    return runPageText(runPage(experiment.runs[0]!, experiment), 200);
  };

  it('says what the run was computed with', () => {
    const text = shown({
      soap_bench: '0.1.0',
      git_commit: '0123456789abcdef',
      git_dirty: true,
      engine: 'tensorflow',
      engine_version: '2.9.1',
      device: 'a CPU',
      compiled: true,
      precision: 'float32',
      node: 'v20.1.0',
      platform: 'linux-x64',
    });
    expect(text).toContain('tensorflow 2.9.1 on a CPU, compiled, float32');
    expect(text).toContain('soap-bench 0.1.0, commit 01234567 with changes, Node v20.1.0, linux-x64');
  });

  it.each([
    ['nothing but the engine', {}],
    ['no state of the checkout', { soap_bench: '0.1.0' }],
    ['no commit', { soap_bench: '0.1.0', git_commit: null, git_dirty: null }],
  ])('takes an environment of an earlier version, as a report does, with %s', (_what, more) => {
    const text = shown({ engine: 'cpu', engine_version: '4', device: 'a CPU', ...more });
    expect(text).toContain('cpu 4 on a CPU');
    expect(text.includes('soap-bench 0.1.0')).toBe('soap_bench' in more);
  });
});
