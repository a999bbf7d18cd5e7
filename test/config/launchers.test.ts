import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadExperiment, loadSweep } from '../../src/config/load.js';
import { SoapBenchError } from '../../src/errors.js';
import { taskId } from '../../src/config/digest.js';

const file = 'test/config/overridden.yaml';

/** Loads overridden.yaml under these lines. */
function loading(lines: string, ...overrides: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-launchers-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const more = join(folder, 'more.yaml');
  writeFileSync(more, lines);
  return { more, load: () => loadSweep({ files: [file, more], overrides }) };
}

function messageOf({ load, more }: ReturnType<typeof loading>): string {
  try {
    load();
  } catch (error) {
    if (error instanceof SoapBenchError) return error.message.replaceAll(more, 'more.yaml');
    throw error;
  }
  return 'no message';
}

describe('the block slurm', () => {
  it('takes submitit’s keys, from files and words', () => {
    const lines = 'slurm: { partition: gpu, timeout_min: 240, mem_gb: 8, additional_parameters: { mail-type: END } }';
    const { launchers } = loading(lines, 'slurm.gpus_per_node=1', 'slurm.setup=[module load cuda]').load();
    expect(launchers.slurm).toEqual({
      partition: 'gpu',
      timeout_min: 240,
      mem_gb: 8,
      gpus_per_node: 1,
      cpus_per_task: 1,
      exclusive: false,
      array_parallelism: 256,
      signal_delay_s: 120,
      setup: ['module load cuda'],
      additional_parameters: { 'mail-type': 'END' },
    });
  });

  it('is no part of what is trained', () => {
    const plain = loadSweep({ files: [file], overrides: ['seeds=[1]', 'name=more'] });
    const { load } = loading('slurm: { partition: gpu, setup: [module load a, module load b] }', 'seeds=[1]');
    const sweep = load();
    const ids = (variants: typeof sweep.variants) => variants!.map(({ config }) => taskId(config));
    expect(ids(sweep.variants)).toEqual(ids(plain.variants));
    expect(sweep.config).toEqual(plain.config);
    expect(sweep.source.slurm).toEqual({ partition: 'gpu', setup: ['module load a', 'module load b'] });
  });

  it('makes no sweep of its lists', () => {
    const { load } = loading('slurm: { setup: [module load a, module load b] }');
    expect(load().variants).toBeUndefined();
  });

  it('may stand in the file of a plain experiment', () => {
    const { more } = loading('slurm: { partition: gpu }');
    expect(loadExperiment({ files: [file, more], overrides: [] })).toEqual(
      loadExperiment({ files: [file], overrides: ['name=more'] }),
    );
    expect(messageOf(loading('slurm: { time: 1 }'))).toContain('found an unknown key');
  });

  it.each([
    ['slurm: { partiton: gpu }', 'more.yaml:1:10: slurm.partiton: found an unknown key, expected one of: partition,'],
    ['slurm: gpu', 'more.yaml:1:8: slurm: found "gpu", expected a mapping.'],
    ['slurm: { cpus_per_task: 0 }', 'slurm.cpus_per_task: found 0, expected a whole number ≥ 1.'],
    ['slurm: { partition: "gpu\\nrm" }', 'slurm.partition: found "gpu\\nrm", expected text of one line.'],
    [
      'slurm: { setup: module load }',
      'slurm.setup: found "module load", expected a list of values, each text of one line',
    ],
    [
      'slurm: { timeout_min: 3 }',
      'slurm.timeout_min: found 3, expected more than signal_delay_s (120 seconds) and a minute.',
    ],
    [
      'slurm: { additional_parameters: { cpus_per_task: 3 } }',
      'slurm.additional_parameters.cpus_per_task: found 3, expected an option that no other key sets',
    ],
    ['slurm: { additional_parameters: { --hold: true } }', 'expected the long name of an option of sbatch as key'],
  ])('%s is refused', (lines, expected) => {
    expect(messageOf(loading(lines))).toContain(expected);
  });
});

describe('the block kubernetes', () => {
  it('has to name an image and a claim', () => {
    const { launchers } = loading('kubernetes: { image: registry/soap-bench:1, claim: results }').load();
    expect(launchers.kubernetes).toMatchObject({ mount_path: '/work', cpus_per_task: 1, array_parallelism: 16 });
    const message = messageOf(loading('kubernetes: { image: registry/soap-bench:1 }'));
    expect(message).toBe('more.yaml:1:13: kubernetes.claim: found nothing, expected text of one line.');
  });
});
