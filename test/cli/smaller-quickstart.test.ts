import { copyFileSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { fittingQuickstart, smaller } from '../../src/cli/smaller-quickstart.js';
import { loadExperiment } from '../../src/config/load.js';

const absent = () => Promise.resolve(false);
const present = () => Promise.resolve(true);
const quickstart = (...overrides: string[]) => ({ files: ['configs/quickstart.yaml'], overrides });
let stderr: MockInstance;

beforeEach(() => {
  stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('the quickstart without the native engine', () => {
  it('is a smaller one, and says so', async () => {
    const { model, train } = loadExperiment(await fittingQuickstart(quickstart(), 'auto', absent));
    expect(model).toMatchObject({ n_layer: 2, d_model: 64, n_head: 1 });
    expect(train).toMatchObject({ steps: 150, batch_tokens: 1024, schedule: { warmup_steps: 15 } });
    expect(stderr.mock.calls.join()).toContain(
      'warning: without the native engine the quickstart is a smaller one: model.n_layer=2 model.d_model=64',
    );
  });

  it.each(['wasm', 'cpu'] as const)('is smaller where %s is asked for', async (engine) => {
    const source = quickstart();
    expect((await fittingQuickstart(source, engine, present)).overrides).toEqual(smaller);
    const written = quickstart(`engine=${engine}`);
    expect((await fittingQuickstart(written, undefined, present)).overrides).toEqual([
      ...smaller,
      ...written.overrides,
    ]);
  });

  it('is known by its name and through a link', async () => {
    const link = join(mkdtempSync(join(tmpdir(), 'soap-bench-quickstart-')), 'mine.yaml');
    symlinkSync(join(process.cwd(), 'configs/quickstart.yaml'), link);
    for (const file of ['quickstart', link]) {
      expect((await fittingQuickstart({ files: [file], overrides: [] }, 'wasm', absent)).overrides).toEqual(smaller);
    }
  });

  it('has the size that somebody typed', async () => {
    const { train } = loadExperiment(await fittingQuickstart(quickstart('train.steps=400'), 'wasm', absent));
    expect(train).toMatchObject({ steps: 400, batch_tokens: 1024 });
    expect(stderr.mock.calls.join()).not.toContain('train.steps');
  });

  it.each(['model={preset: 360m, scale: 1/4}', 'model.scale=1/4'])(
    'has the model that somebody typed: %s',
    async (word) => {
      const source = await fittingQuickstart(quickstart(word, 'model.context=64'), 'wasm', absent);
      expect(loadExperiment(source).model).toMatchObject({ n_layer: 6, d_model: 256, n_head: 4 });
    },
  );
});

describe('a configuration', () => {
  it('stays as it is where the native engine loads, or must', async () => {
    const source = quickstart();
    expect(await fittingQuickstart(source, 'auto', present)).toBe(source);
    expect(await fittingQuickstart(source, undefined, present)).toBe(source);
    expect(await fittingQuickstart(source, 'tensorflow', absent)).toBe(source);
    expect(stderr).not.toHaveBeenCalled();
  });

  it('stays as it is when it is another one', async () => {
    const copy = join(mkdtempSync(join(tmpdir(), 'soap-bench-quickstart-')), 'quickstart.yaml');
    copyFileSync('configs/quickstart.yaml', copy);
    const others = [[copy], ['configs/paper/headline-360m.yaml'], ['configs/quickstart.yaml', copy], []];
    for (const files of others) {
      const source = { files, overrides: [] };
      expect(await fittingQuickstart(source, 'wasm', absent)).toBe(source);
    }
  });
});
