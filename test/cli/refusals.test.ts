import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerCancel } from '../../src/cli/commands/cancel.js';
import { registerCollect } from '../../src/cli/commands/collect.js';
import { registerCompare } from '../../src/cli/commands/compare.js';
import { registerData } from '../../src/cli/commands/data.js';
import { registerList } from '../../src/cli/commands/list.js';
import { reportError } from '../../src/cli/terminal/output.js';
import { registerQuery } from '../../src/cli/commands/query.js';
import { registerReport } from '../../src/cli/commands/report.js';
import { registerReproduce } from '../../src/cli/commands/reproduce/reproduce.js';
import { registerResume } from '../../src/cli/commands/resume.js';
import { registerRemove } from '../../src/cli/commands/rm.js';
import { registerRun } from '../../src/cli/commands/run.js';
import { registerShow } from '../../src/cli/commands/show.js';
import { registerStatus } from '../../src/cli/commands/status.js';
import { registerTask } from '../../src/cli/commands/task.js';
import { registerTime } from '../../src/cli/commands/time.js';
import { registerValidate } from '../../src/cli/commands/validate.js';
import { registerVerify } from '../../src/cli/commands/verify.js';
import { registerWatch } from '../../src/cli/commands/watch.js';
import { loadSweep } from '../../src/config/load.js';
import { planRuns } from '../../src/experiment/tasks.js';
import { prepareRuns } from '../../src/experiment/prepare-runs.js';
import { experimentDirectory, quickstartSketch } from '../report/helpers.js';
import { tinyDisk } from '../support/tiny-disk.js';
import { inProcess } from './in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'soap-bench-refusals-'));
const before = process.cwd();
const config = join(folder, 'tiny.yaml');
const [full, readOnly] = [tinyDisk(64), tinyDisk(1024)];

beforeAll(() => {
  writeFileSync(
    join(folder, 'text.txt'),
    'the old grey whale swam under a quiet moon and sang of storms. '.repeat(200),
  );
  writeFileSync(
    config,
    `model: { n_layer: 1, d_model: 16, n_head: 2, context: 16 }
data: { corpus: ${join(folder, 'text.txt')}, tokenizer: byte }
train: { steps: 4, batch_tokens: 128, eval_every: 4, eval_tokens: 128, schedule: { name: constant, warmup_steps: 0 } }
optimizers: { adamw: { lr: 3e-3 } }
`,
  );
  writeFileSync(join(folder, 'file'), '');
  symlinkSync(join(folder, 'nowhere/at/all'), join(folder, 'dangling'));
  symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
  if (full !== undefined) fill(full.path);
  if (readOnly !== undefined) remount('ro');
  process.env.SOAP_BENCH_DATASETS = join(folder, 'datasets');
  // Names of runs are looked for below the current folder.
  process.chdir(folder);
});
// A folder can still be made where no byte can be written.
afterEach(() => {
  if (full !== undefined) rmSync(join(full.path, 'x'), { recursive: true, force: true });
});
afterAll(() => {
  process.chdir(before);
  delete process.env.SOAP_BENCH_DATASETS;
  full?.remove();
  readOnly?.remove();
  rmSync(folder, { recursive: true });
});

function remount(mode: 'ro' | 'rw'): void {
  execFileSync('mount', ['-o', `remount,${mode}`, readOnly!.path]);
}

function fill(path: string): void {
  for (const size of [4096, 1]) {
    try {
      for (let i = 0; ; i++) writeFileSync(join(path, `fill-${size}-${i}`), Buffer.alloc(size));
    } catch {
      // Until nothing more goes in.
    }
  }
}

/** Where nothing can be written, or read. */
const places: Record<string, string | undefined> = {
  'below a file': join(folder, 'file', 'x'),
  'with a name too long': join(folder, 'a'.repeat(300)),
  'behind a dangling link': join(folder, 'dangling'),
  'below a dangling link': join(folder, 'dangling', 'x'),
  'in a loop of links': join(folder, 'loop', 'x'),
  'on a full disk': full && join(full.path, 'x'),
  'on a read-only disk': readOnly && join(readOnly.path, 'x'),
};

type Register = (program: Command) => void;
const kubernetes = ['kubernetes.image=a', 'kubernetes.claim=b', '--launcher', 'kubernetes', '--render'];
const writing: Record<string, [Register, (place: string) => string[]]> = {
  run: [registerRun, (place) => ['run', config, '--output', place]],
  'run of a sweep': [registerRun, (place) => ['run', config, 'seeds=0,1', '--output', place]],
  'run that renders': [registerRun, (place) => ['run', config, ...kubernetes, join(place, 'job.yaml')]],
  time: [registerTime, (place) => ['time', config, '--output', place]],
  reproduce: [registerReproduce, (place) => ['reproduce', 'headline', '--profile', 'quick', '--output', place]],
  report: [registerReport, (place) => ['report', experimentDirectory(quickstartSketch()), '--output', place]],
};
const reading: Record<string, [Register, (place: string) => string[]]> = {
  resume: [registerResume, (place) => ['resume', place]],
  status: [registerStatus, (place) => ['status', place]],
  task: [registerTask, (place) => ['task', place, '0']],
  'time of a folder': [registerTime, (place) => ['time', place]],
  'report of a folder': [registerReport, (place) => ['report', place]],
  collect: [registerCollect, (place) => ['collect', place]],
  cancel: [registerCancel, (place) => ['cancel', place]],
  compare: [registerCompare, (place) => ['compare', place]],
  query: [registerQuery, (place) => ['query', 'SELECT 1', '--dir', place]],
  rm: [registerRemove, (place) => ['rm', place, '--yes']],
  list: [registerList, (place) => ['list', place]],
  show: [registerShow, (place) => ['show', place]],
  watch: [registerWatch, (place) => ['watch', place, '--port', '0']],
  verify: [registerVerify, (place) => ['verify', place, '--engine', 'cpu']],
  validate: [registerValidate, (place) => ['validate', place]],
  'data inspect': [registerData, (place) => ['data', 'inspect', place]],
  'data prepare': [registerData, (place) => ['data', 'prepare', place]],
};

/** What a person sees of a command that fails, and its exit code. */
async function failed([register, words]: [Register, (place: string) => string[]], place: string) {
  let error: unknown;
  try {
    await inProcess(register, ...words(place));
    throw new Error('it did not fail');
  } catch (reason) {
    error = reason;
  }
  let stderr = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  const code = reportError(error);
  spy.mockRestore();
  return { code, stderr };
}

/** A message with a hint, without a stack. */
function expectWords({ code, stderr }: { code: number; stderr: string }): void {
  expect([2, 6], stderr).toContain(code);
  expect(stderr).toMatch(/^\S*error:\S* /);
  expect(stderr).not.toMatch(/unexpected error|\n\s+at /);
}

describe.each(Object.entries(places))('%s', (_, place) => {
  it.runIf(place !== undefined).each(Object.entries(writing))('%s says what is refused', async (_, command) => {
    const result = await failed(command, place!);
    expectWords(result);
    expect(result.stderr).toContain(place!);
    expect(result.stderr).toMatch(/cannot be (written|created|read|opened)/);
    expect(result.stderr).toMatch(/hint:/);
  });

  it.runIf(place !== undefined).each(Object.entries(reading))('%s says what is not there', async (_, command) => {
    expectWords(await failed(command, place!));
  });
});

it.runIf(readOnly !== undefined).each<[string, Register, string[]]>([
  ['collect', registerCollect, []],
  ['rm', registerRemove, ['--yes']],
  ['report', registerReport, []],
])('results on a read-only disk: %s says so', async (name, register, words) => {
  const trained = join(readOnly!.path, 'trained');
  remount('rw');
  cpSync(experimentDirectory(quickstartSketch()), trained, { recursive: true });
  remount('ro');
  const result = await failed([register, () => [name, trained, ...words]], trained);
  expect(result).toMatchObject({ code: 6, stderr: expect.stringContaining('read-only') as string });
  expectWords(result);
});

describe('without a place for temporary files', () => {
  const before = process.env.TMPDIR;
  beforeAll(() => {
    process.env.TMPDIR = join(folder, 'gone');
  });
  afterAll(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });

  it.each<[string, Register, string[]]>([
    ['run', registerRun, [config]],
    ['run of a sweep', registerRun, [config, 'seeds=0,1']],
    ['run --dry-run', registerRun, [config, 'seeds=0,1', '--dry-run']],
    ['time', registerTime, [config]],
    ['reproduce', registerReproduce, ['headline', '--profile', 'quick', '--output', join(folder, 'paper')]],
    ['query', registerQuery, ['SELECT 1', '--dir', folder]],
  ])('%s trains and prepares nothing, and says what to set', async (name, register, words) => {
    rmSync(join(folder, 'datasets'), { recursive: true, force: true });
    const result = await failed([register, () => [name.split(' ')[0]!, ...words]], '');
    expectWords(result);
    expect(result.stderr).toMatch(
      /no temporary folder: .*gone cannot be written: there is no such file or folder\n.*TMPDIR/,
    );
    expect(existsSync(join(folder, 'datasets'))).toBe(false);
  });

  it('a training without the native engine needs none', async () => {
    const { config: loaded } = loadSweep({ files: [config], overrides: ['engine=wasm'] });
    await expect(prepareRuns(planRuns(loaded), folder, {})).resolves.toBeDefined();
  });
});

it.runIf(process.platform === 'linux')('data is prepared nowhere where nothing can be written', async () => {
  for (const place of Object.values(places)) {
    if (place === undefined) continue;
    process.env.SOAP_BENCH_DATASETS = place;
    const prepare = ['data', 'prepare', join(folder, 'text.txt'), '--tokenizer', 'byte'];
    const result = await failed([registerData, () => prepare], place);
    process.env.SOAP_BENCH_DATASETS = join(folder, 'datasets');
    expectWords(result);
    expect(result.stderr).toContain(place);
  }
});
