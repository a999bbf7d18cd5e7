import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { openEngine } from '../../src/engine/select.js';
import { largestDifference, passes, relativeDifference, type Check } from '../../src/verify/check.js';
import { shippedGoldenFiles, verifyFile } from '../../src/verify/verify.js';

interface Golden {
  reference: string;
  options: Record<string, unknown>;
  calls: { parameters: Record<string, number[]>; state?: Record<string, unknown> }[];
}

let engine: Engine;
let folder: string;
const shipped = await shippedGoldenFiles();

beforeAll(async () => {
  engine = await openEngine({ engine: 'wasm', threads: 1 });
  folder = await mkdtemp(join(tmpdir(), 'soap-bench-verify-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Without the factors after the first call, which fewer options decide. */
function ofWeights(checks: readonly Check[]): Check[] {
  return checks.filter(({ quantity }) => quantity.startsWith('weights'));
}

/** A shipped golden file with something changed. */
async function changed(name: string, change: (golden: Golden) => void): Promise<string> {
  const golden = JSON.parse(
    await readFile(
      shipped.find((file) => file.endsWith(`/${name}.json`))!,
      'utf8',
    ),
  ) as Golden;
  change(golden);
  const path = join(folder, `${name}.json`);
  await writeFile(path, JSON.stringify(golden));
  return path;
}

describe('verifyFile', () => {
  it('fails a weight that is off by ten tolerances, at the last call of one parameter', async () => {
    const path = await changed('adamw', ({ calls }) => {
      calls.at(-1)!.parameters.vector![4]! += 2e-5;
    });
    const [check] = await verifyFile(engine, path);
    expect(passes(check!)).toBe(false);
    expect(check!.difference).toBeCloseTo(2e-5, 7);
  });

  it.each(['adamw', 'shampoo-paper', 'soap-square'])('fails %s with another option', async (name) => {
    const path = await changed(name, ({ options }) => {
      options.betas = [0.8, 0.95];
    });
    expect(ofWeights(await verifyFile(engine, path)).some(passes)).toBe(false);
  });

  it('never passes what is not a number', async () => {
    const path = await changed('adamw', ({ options }) => {
      options.lr = 1; // the calls' rates count
      options.eps = 1e-8;
    });
    expect((await verifyFile(engine, path)).every(passes)).toBe(true);
    const broken = await changed('adamw', ({ calls }) => {
      (calls[3]!.parameters.matrix as (number | null)[])[0] = 1e39; // infinite in float32, finite in JSON
    });
    expect((await verifyFile(engine, broken)).some(passes)).toBe(false);
    expect(passes({ case: '', quantity: '', difference: NaN, tolerance: 1 })).toBe(false);
  });

  it('says that no optimizer follows a reference, whatever its state holds', async () => {
    const path = await changed('soap-square', (golden) => {
      golden.reference = 'someone/else 1234567';
      golden.calls[0]!.state = { matrix: { step: 1, exp_avg: [0] } };
    });
    await expect(verifyFile(engine, path)).rejects.toMatchObject({
      code: 'reference_unknown',
      message: expect.stringContaining('someone/else 1234567') as string,
    });
  });

  it('reads the state that a reference starts from', async () => {
    const checks = async (change: (state: Record<string, unknown>) => void) => {
      const path = await changed('soap-kl', ({ calls }) => {
        change(calls[0]!.state!.matrix as Record<string, unknown>);
      });
      return verifyFile(engine, path);
    };
    expect((await checks(() => undefined)).map(passes)).toEqual([true, true]);
    for (const key of ['exp_avg', 'exp_avg_sq', 'L', 'R', 'Q_L', 'Q_R', 'eigvals_L', 'eigvals_R']) {
      const spoilt = await checks((state) => {
        // The reference's first factors dwarf what follows, and their eigenvalues with them: only none at all shows.
        state[key] = (state[key] as number[]).map((value, i) => (key.startsWith('eigvals') ? 0 : value * (1 + i / 10)));
      });
      expect([key, ofWeights(spoilt).some(passes)]).toEqual([key, false]);
    }
    const unknown = checks((state) => {
      state.momentum = [];
    });
    await expect(unknown).rejects.toMatchObject({
      code: 'file_invalid',
      message: expect.stringContaining('momentum') as string,
    });
  });

  it('says which option of a reference is not supported', async () => {
    const path = await changed('shampoo-paper', ({ options }) => {
      options.betas = [0.9, 1.5];
    });
    await expect(verifyFile(engine, path)).rejects.toMatchObject({
      code: 'reference_unknown',
      message: expect.stringContaining('betas.1') as string,
    });
  });

  it.each([
    ['{', /not a golden file: .*JSON/],
    ['{"name": "x"}', /neither the keys of a trajectory nor those of a model/],
  ])('refuses a file that holds %s', async (text, message) => {
    const path = join(folder, 'wrong.json');
    await writeFile(path, text);
    await expect(verifyFile(engine, path)).rejects.toMatchObject({
      code: 'file_invalid',
      exitCode: 2,
      message: expect.stringMatching(message) as string,
    });
  });

  it('refuses a file that is missing, and a model without its weights', async () => {
    await expect(verifyFile(engine, join(folder, 'none.json'))).rejects.toMatchObject({ code: 'not_found' });
    const alone = await changed('gpt-tiny', () => undefined);
    await expect(verifyFile(engine, alone)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('gpt-tiny.initial.safetensors') as string,
    });
  });
});

describe('differences', () => {
  it('are NaN when lengths differ or a value is not a number', () => {
    expect(largestDifference([1, 2], [1])).toBeNaN();
    expect(largestDifference([1, NaN, 2], [1, 0, 5])).toBeNaN();
    expect(largestDifference([1, 2, -3], [1, 0, -4])).toBe(2);
    expect(relativeDifference([1], [1, 1])).toBeNaN();
    expect(relativeDifference([3, 5], [3, 4])).toBeCloseTo(1 / 5, 12);
  });
});
