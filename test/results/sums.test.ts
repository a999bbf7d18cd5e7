import { onlyRun } from '../../src/config/run-config.js';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../src/query/database.js';
import { findExperiments } from '../../src/results/find.js';
import { RunDirectory } from '../../src/results/directory.js';
import { findCheckpoint } from '../../src/run/go-on.js';
import { readRun } from '../../src/results/read-run.js';
import { readExperimentConfig } from '../../src/results/tasks.js';
import { readStudy } from '../../src/results/study.js';
import { parseExperiment } from '../../src/config/load.js';
import { resolvedYaml } from '../../src/config/resolved-yaml.js';
import { statusSchema } from '../../src/results/status.js';
import { sha256OfFile, readSums, writeWithSum } from '../../src/results/sums.js';
import { readStepTimes, writeStepTimes } from '../../src/results/step-times-csv.js';
import { experimentDirectory, failureOf } from '../report/helpers.js';

/** An experiment whose run has ended as runs end. */
function endedExperiment(): { directory: string; run: string } {
  const losses: [number, number][] = [
    [0, 6],
    [10, 5],
  ];
  const directory = experimentDirectory({ steps: 10, runs: { adamw: { losses, stepMs: [1, 1, 1] } } });
  const run = join(directory, 'runs', 'adamw');
  writeFileSync(join(run, 'config.yaml'), resolvedYaml(readExperimentConfig(directory)));
  const status = statusSchema.parse(JSON.parse(readFileSync(join(run, 'status.json'), 'utf8')));
  new RunDirectory(run).writeEnding({ ...status, pid: 12 });
  return { directory, run };
}

describe('the digests of a run that has ended', () => {
  it.each(['metrics.csv', 'eval.csv', 'config.yaml', 'environment.json', 'status.json'])(
    'find a digit of %s that has changed, and the file when it is gone',
    async (name) => {
      const { directory, run } = endedExperiment();
      expect(readStudy(directory).runs[0]!.run.status!.pid).toBeUndefined();
      const file = join(run, name);
      const text = readFileSync(file, 'utf8');
      writeFileSync(
        file,
        text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10)),
      );
      expect(readFileSync(file, 'utf8')).not.toBe(text);
      const find = () => findExperiments(directory)[0]!.runs[0]!;
      for (const read of [() => readStudy(directory), () => readRun(run)]) {
        const failure = failureOf(read);
        expect(failure).toMatchObject({ code: 'results_damaged', exitCode: 6 });
        expect(failure.message).toContain(`${file} has changed`);
      }
      expect(find()).toMatchObject({ state: 'damaged', problem: expect.stringContaining(file) as string });
      const { unreadable } = await openDatabase(findExperiments(directory));
      expect(unreadable[0]!.problem).toContain(file);
      if (name === 'config.yaml' || name === 'status.json') return;
      rmSync(file);
      expect(find().problem).toContain(`${file} is missing`);
    },
  );

  it('find an experiment that says something else of it', () => {
    const { directory } = endedExperiment();
    const file = join(directory, 'config.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('lr: 0.003', 'lr: 0.004'));
    expect(failureOf(() => readStudy(directory)).message).toContain(
      'optimizers.adamw.lr: 0.003 before, 0.004 now',
    );
    expect(findExperiments(directory)[0]!.runs[0]).toMatchObject({ state: 'damaged' });
  });

  it('are not asked for of runs without, and count for nothing while one goes on', () => {
    const { directory, run } = endedExperiment();
    appendFileSync(join(run, 'metrics.csv'), '4,400,train,5,0.003,1,0.1,1,0.25,1,0,10,1000\n');
    new RunDirectory(run).writeStatus({ ...readSome(), state: 'running' });
    expect(readStudy(directory).runs).toHaveLength(1);
    rmSync(join(run, 'SHA256SUMS'));
    new RunDirectory(run).writeStatus(readSome());
    expect(readStudy(directory).runs).toHaveLength(1);
  });

  it('are said when they are cut', () => {
    const { directory, run } = endedExperiment();
    for (const text of ['', 'x', 'nothing\n']) {
      writeFileSync(join(run, 'SHA256SUMS'), text);
      expect(failureOf(() => readStudy(directory)).message).toContain('SHA256SUMS');
    }
  });

  it.each(['SHA256SUMS', 'status.json', 'eval.csv'])('are not done without because %s is a folder', (name) => {
    const { directory, run } = endedExperiment();
    rmSync(join(run, name));
    mkdirSync(join(run, name));
    const { message } = failureOf(() => readStudy(directory));
    expect(message).toMatch(new RegExp(`${name} .*(is a folder|is missing)`));
  });
});

const readSome = () => statusSchema.parse({ state: 'finished', step: 10, steps: 10, started_at: '2025-01-31' });

describe('step_times.csv', () => {
  it('has a digest of its own', () => {
    const folder = temporary();
    writeWithSum(folder, 'tasks.json', '{}');
    writeStepTimes(folder, []);
    expect(Object.keys(readSums(folder)).sort()).toEqual(['step_times.csv', 'tasks.json']);
    // Of no settings, it is taken for one that was cut.
    expect(failureOf(() => readStepTimes(folder)).message).toContain('it is cut');
    appendFileSync(join(folder, 'step_times.csv'), '\n');
    expect(failureOf(() => readStepTimes(folder))).toMatchObject({ code: 'results_damaged' });
    rmSync(join(folder, 'step_times.csv'));
    expect(failureOf(() => readStepTimes(folder)).message).toContain('is missing');
    writeStepTimes(folder, []);
    expect(failureOf(() => readStepTimes(folder)).message).toContain('it is cut');
  });
});

describe('a run whose rows are not those of its checkpoints', () => {
  const config = parseExperiment({
    model: { n_layer: 1, d_model: 16, n_head: 2, context: 16 },
    train: { steps: 10, batch_tokens: 32, eval_every: 5, eval_tokens: 32 },
    optimizers: { adamw: { lr: 0.001 } },
  });

  /** A run with a checkpoint after its second and its fourth row. */
  async function stopped(): Promise<RunDirectory> {
    const directory = new RunDirectory(temporary());
    const tensors = { weights: {}, state: {}, weight: () => expect.fail(), optimizerState: () => expect.fail() };
    const metrics = join(directory.path, 'metrics.csv');
    writeFileSync(join(directory.path, 'eval.csv'), 'step\n0\n');
    writeFileSync(metrics, 'step\n');
    for (const step of [1, 2, 3, 4]) {
      appendFileSync(metrics, `${step}\n`);
      if (step % 2 === 1) continue;
      const record = {



        format: 1 as const,
step,
tokens: step,
microbatches: step,
train_time_s: 0,
eval_time_s: 0,
        refresh_failures: { total: 0, in_a_row: 0, last_step: 0 },
        metrics_bytes: 5 + 2 * step,
eval_bytes: 7,
metrics_sha256: sha256OfFile(metrics),
        soap_bench: '0',
dataset: 'text',
config: { ...config },
        engine: { name: 'cpu' as const, version: '1', device: 'x', threads: 1, compiled: false, xla: false },
      };
      await directory.checkpoints.save(record, tensors, 2);
    }
    return directory;
  }

  const goOn = (directory: RunDirectory) => {
    const said: string[] = [];
    const checkpoint = findCheckpoint(directory, onlyRun(config), 'text', (line) => said.push(line));
    return { step: checkpoint?.record.step, said: said.join('\n') };
  };

  it('goes on where the rows are those of the checkpoint', async () => {
    expect(goOn(await stopped())).toEqual({ step: 4, said: '' });
  });

  it.each<[string, (file: string) => unknown, number | undefined]>([
    [
      'moved away',
      (file) => {
        rmSync(file);
      },
      undefined,
    ],
    [
      'cut',
      (file) => {
        writeFileSync(file, 'step\n1\n2\n3\n');
      },
      2,
    ],
    [
      'changed by a digit',
      (file) => {
        writeFileSync(file, 'step\n1\n2\n7\n4\n');
      },
      2,
    ],
    [
      'changed at its beginning',
      (file) => {
        writeFileSync(file, 'step\n9\n2\n3\n4\n');
      },
      undefined,
    ],
  ])('keeps its checkpoints when metrics.csv was %s', async (_, change, step) => {
    const directory = await stopped();
    change(join(directory.path, 'metrics.csv'));
    const found = goOn(directory);
    expect(found.step).toBe(step);
    const aside = join(directory.path, 'set-aside-1');
    expect(found.said).toContain(aside);
    expect(existsSync(join(aside, 'checkpoints', 'step-000004', 'model.safetensors'))).toBe(true);
    expect(existsSync(join(aside, 'eval.csv'))).toBe(true);
    expect(existsSync(join(step === 2 ? dirname(aside) : aside, 'checkpoints', 'step-000002'))).toBe(true);
  });
});

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-sums-'));
  mkdirSync(folder, { recursive: true });
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
