import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../src/config/load.js';
import { readExperimentConfig } from '../../src/results/tasks.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the README', () => {
  it('shows a run of the quickstart as it stands', () => {
    const quickstart = loadExperiment({ files: [`${root}configs/quickstart.yaml`], overrides: [] });
    expect(readExperimentConfig(`${root}results/published/quickstart`)).toEqual(quickstart);
  });

  it('names every command in its table', () => {
    const help = execFileSync(process.execPath, [`${root}bin/soap-bench.js`, '--help'], { encoding: 'utf8' });
    const commands = [...help.matchAll(/^ {2}([a-z]+)(?: \[|$| <| {2})/gm)].map(([, name]) => name!);
    expect(commands.length).toBeGreaterThan(15);
    const readme = readFileSync(`${root}README.md`, 'utf8');
    const table = readme.slice(readme.indexOf('| command'), readme.indexOf('Every command has'));
    const named = new Set([...table.matchAll(/`([a-z]+)`/g)].map(([, name]) => name!));
    expect([...named].sort()).toEqual(commands.filter((name) => name !== 'help').sort());
  });
});
