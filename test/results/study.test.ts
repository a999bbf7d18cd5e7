import { appendFileSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, expect } from 'vitest';
import { readRun } from '../../src/results/read-run.js';
import { readStudy } from '../../src/results/study.js';
import { experimentDirectory, failureOf, type ExperimentSketch } from '../report/helpers.js';

const sketch: ExperimentSketch = {
  steps: 20,
  runs: {
    soap: {
      losses: [
        [0, 7],
        [10, NaN],
        [20, Infinity],
      ],
      stepMs: [30, 20],
    },
    adamw: {
      losses: [
        [0, 7],
        [10, 6],
      ],
    },
  },
};

describe('readStudy', () => {
  it('reads an experiment as one task an optimizer, in the order of its configuration', () => {
    const study = readStudy(experimentDirectory(sketch));
    expect(study).toMatchObject({ kind: 'experiment', name: 'demo', baseline: 'adamw', tunings: [] });
    expect(study.runs.map(({ id, optimizer, choices, seed }) => [id, optimizer, choices, seed])).toEqual([
      ['soap', 'soap', [], 0],
      ['adamw', 'adamw', [], 0],
    ]);
    expect(study.runs[0]!.config).toMatchObject({ target: 'baseline_final' });
    expect(study.runs[0]!.config.label).toBe('soap');
    const runs = study.runs.map(({ run }) => run);
    expect(runs[0]!.status).toMatchObject({ state: 'finished', step: 20, parameters: 1234 });
    expect(runs[0]!.environment).toMatchObject({ engine: 'cpu', engine_version: '4.22.0', device: 'a CPU' });
    expect(runs[0]!.evaluations.map(({ loss }) => loss)).toEqual([7, NaN, Infinity]);
    expect(runs[0]!.metrics[1]).toEqual({
      step: 2,
      tokens: 200,
      step_ms: 20,
      optimizer_share: 0.25,
      train_time_s: 0.05,
      eval_time_s: 0,
    });
    expect(readRun(runs[0]!.directory).metrics[1]).toEqual({
      step: 2,
      tokens: 200,
      split: 'train',
      loss: 5,
      lr: 0.003,
      grad_norm: 1,
      update_norm: 0.1,
      step_ms: 20,
      optimizer_share: 0.25,
      train_time_s: 0.05,
      eval_time_s: 0,
      tensors: 10,
      rss_bytes: 1000,
    });
  });

  it('leaves out a last line that a crash has cut, even one that looks whole', () => {
    const directory = experimentDirectory(sketch);
    const file = join(directory, 'runs', 'adamw', 'eval.csv');
    const before = readStudy(directory).runs[1]!.run.evaluations;
    for (const rest of ['20,20', '20,2000,val,5.1,2,0.', '20,2000,val,5.12345,2,0.1', '\0\0\0\0']) {
      const whole = readFileSync(file, 'utf8');
      appendFileSync(file, rest);
      expect(readStudy(directory).runs[1]!.run.evaluations).toEqual(before);
      writeFileSync(file, whole);
    }
  });

  it('takes files that are not there yet for a run that has not got so far', () => {
    const directory = experimentDirectory(sketch);
    rmSync(join(directory, 'runs', 'adamw', 'eval.csv'));
    rmSync(join(directory, 'runs', 'soap'), { recursive: true });
    writeFileSync(join(directory, 'runs', 'adamw', 'metrics.csv'), 'step,tok');
    const runs = readStudy(directory).runs.map(({ run }) => run);
    expect(runs[0]).toMatchObject({ label: 'soap', status: undefined, metrics: [], evaluations: [] });
    expect(runs[1]).toMatchObject({ evaluations: [], metrics: [], status: { state: 'finished' } });
  });

  it('names the file and the line of what it cannot read', () => {
    const damage = (file: string, from: string, to: string) => {
      const directory = experimentDirectory(sketch);
      const path = join(directory, file);
      writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
      const { code, message, exitCode } = failureOf(() => readStudy(directory));
      expect({ code, exitCode }).toEqual({ code: 'results_damaged', exitCode: 6 });
      return message.replace(directory, 'DIR');
    };
    expect(damage('runs/adamw/eval.csv', ',6,', ',six,')).toBe(
      'Cannot read DIR/runs/adamw/eval.csv:3: loss: found "six", expected a number, inf, -inf or nan',
    );
    expect(damage('runs/adamw/eval.csv', ',6,', ',,')).toMatch(/eval.csv:3: loss: found ""/);
    expect(damage('runs/adamw/eval.csv', ',loss', '')).toMatch(/eval.csv:1: the columns loss are missing/);
    expect(damage('runs/adamw/eval.csv', ',6,', ',6')).toMatch(/eval.csv:3: found 5 cells, expected 6/);
    expect(damage('runs/adamw/status.json', '"finished"', '"done"')).toMatch(/status.json: state: /);
    expect(damage('runs/adamw/status.json', '{', '')).toMatch(/status.json: .*JSON/);
    expect(damage('config.yaml', 'steps: 20', 'steps: -1')).toMatch(/DIR\/config.yaml: train.steps: found -1/);
  });

  it('reads files with further columns and keys of later versions', () => {
    const directory = experimentDirectory(sketch);
    const file = join(directory, 'runs', 'adamw', 'eval.csv');
    const longer = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line, i) => line + (i === 0 ? ',more' : ',1'));
    writeFileSync(file, longer.join('\n') + '\n');
    expect(readStudy(directory).runs[1]!.run.evaluations).toHaveLength(2);
  });
});

describe('a directory that is not an experiment', () => {
  it('is refused with the newest experiments beneath it', () => {
    const directory = experimentDirectory(sketch);
    const newer = join(dirname(directory), '20250201-120000');
    mkdirSync(join(newer, 'runs'), { recursive: true });
    writeFileSync(join(newer, 'config.yaml'), '');
    utimesSync(join(directory, 'config.yaml'), 1000, 1000);
    const results = dirname(dirname(directory));
    const failure = failureOf(() => readStudy(results));
    expect(failure).toMatchObject({ code: 'not_an_experiment', exitCode: 2 });
    expect(failure.message).toBe(
      `${results} is not the directory of an experiment: it should hold config.yaml and runs/.`,
    );
    expect(failure.hint).toBe(`Did you mean ${newer}, ${directory}?`);
  });

  it('leads from a run to its experiment, and from a mistyped name to its neighbours', () => {
    const directory = experimentDirectory(sketch);
    expect(failureOf(() => readStudy(join(directory, 'runs', 'soap'))).hint).toBe(`Did you mean ${directory}?`);
    const mistyped = failureOf(() => readStudy(`${directory}1`));
    expect(mistyped.message).toBe(`${directory}1 does not exist, or is not a directory.`);
    expect(mistyped.hint).toBe(`Did you mean ${directory}?`);
  });

  it('says what an experiment is when there is none near', () => {
    const directory = experimentDirectory(sketch);
    expect(failureOf(() => readStudy(join(directory, 'a', 'b', 'c'))).hint).toContain('results/<name>');
    expect(failureOf(() => readStudy(join(directory, 'config.yaml'))).message).toContain('not a directory');
  });
});

describe('readRun', () => {
  it('reads one run by itself', () => {
    const directory = join(experimentDirectory(sketch), 'runs', 'adamw');
    expect(readRun(`${directory}/`)).toMatchObject({ label: 'adamw', evaluations: [{ loss: 7 }, { loss: 6 }] });
  });

  it('refuses a folder that is not one', () => {
    const failure = failureOf(() => readRun(join(experimentDirectory(sketch), 'runs')));
    expect(failure).toMatchObject({ code: 'not_a_run', exitCode: 2 });
    expect(failure.hint).toContain('status.json');
  });
});
