import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureLine } from '../../../src/engine/setup/command.js';
import { cacheRoot } from '../../../src/engine/setup/cache.js';
import { probePackage } from '../../../src/engine/setup/probe.js';
import { prepareEnvironment, restoreRemovedHelpers } from '../../../src/engine/tensorflow/load.js';
import { fakeCheckout, put } from './fixtures.js';

describe('prepareEnvironment', () => {
  it('silences TensorFlow, lets runs share a GPU and sets the threads', () => {
    const env: NodeJS.ProcessEnv = {};
    prepareEnvironment(env, 3);
    expect(env).toEqual({
      TF_CPP_MIN_LOG_LEVEL: '3',
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
      TF_NUM_INTRAOP_THREADS: '3',
      TF_NUM_INTEROP_THREADS: '3',
    });
  });

  it('keeps what the user has set', () => {
    const env = { TF_CPP_MIN_LOG_LEVEL: '0', TF_FORCE_GPU_ALLOW_GROWTH: 'false', TF_NUM_INTRAOP_THREADS: '1' };
    const before = { ...env };
    prepareEnvironment(env);
    expect(env).toEqual(before);
  });
});

describe('restoreRemovedHelpers', () => {
  it('gives a util without the helpers (Node 23) what the package calls', () => {
    const util: Record<string, (value: unknown) => boolean> = {};
    restoreRemovedHelpers(util);
    expect([null, undefined, 0, ''].map(util.isNullOrUndefined!)).toEqual([true, true, false, false]);
    expect([[], {}].map((value) => util.isArray!(value))).toEqual([true, false]);
  });

  it('leaves existing helpers alone', () => {
    const isArray = (): boolean => true;
    const util = { isArray };
    restoreRemovedHelpers(util);
    expect(util.isArray).toBe(isArray);
  });
});

describe('probePackage', () => {
  /** A package that behaves like tfjs-node and answers with these values. */
  async function packageWith(code: string): Promise<string> {
    const { packageDir } = await fakeCheckout();
    await put(join(packageDir, 'index.js'), code);
    return packageDir;
  }
  const working = (product: string): string => `
    exports.tensor2d = (values) => values;
    exports.matMul = () => ({ dataSync: () => ${product} });
    exports.backend = () => ({ binding: { TF_Version: '2.21.0' }, isUsingGpuDevice: false });`;

  it('tells version and device, whatever else the library prints', async () => {
    const chatter = `console.log('chatter'); console.error('more'); ${working('[19, 22, 43, 50]')}`;
    expect(await probePackage(await packageWith(chatter))).toEqual({ tensorflow_version: '2.21.0', is_gpu: false });
  });

  it('fails with the reason of the loader', async () => {
    const code = "throw new Error('libtensorflow.so.2: cannot open shared object file')";
    await expect(probePackage(await packageWith(code))).rejects.toThrow(
      'Error: libtensorflow.so.2: cannot open shared object file',
    );
  });

  it('survives a crash of the native code and a wrong product', async () => {
    const crash = "process.kill(process.pid, 'SIGILL')";
    await expect(probePackage(await packageWith(crash))).rejects.toThrow(/SIGILL/);
    await expect(probePackage(await packageWith(working('[0, 0, 0, 0]')))).rejects.toThrow(/multiplies.*wrongly/);
  });
});

describe('the native engine of this checkout', () => {
  it('shares tfjs-core with ESM imports', () => {
    const script = `
      import { createRequire } from 'node:module';
      import { engine } from '@tensorflow/tfjs-core';
      const fromCommonJs = createRequire(process.cwd() + '/node_modules/@tensorflow/tfjs-node-gpu/dist/index.js')('@tensorflow/tfjs');
      process.stdout.write(String(fromCommonJs.engine() === engine()));`;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })).toBe('true');
  });
});

describe('failureLine', () => {
  it.each([
    ['gyp info ok\ngyp ERR! stack Error: not found: make\ngyp ERR! not ok', 'Error: not found: make'],
    ['WARNING: Retrying\nERROR: No matching distribution found for x\n', 'ERROR: No matching distribution found for x'],
    ['one\ntwo\n\n', 'two'],
    ['', undefined],
  ])('finds the cause in %j', (output, cause) => {
    expect(failureLine(output)).toBe(cause);
  });
});

describe('cacheRoot', () => {
  it.each([
    [{ SOAP_BENCH_CACHE: '/big/disk', XDG_CACHE_HOME: '/xdg' }, /^\/big\/disk$/],
    [{ XDG_CACHE_HOME: '/xdg' }, /^\/xdg\/soap-bench$/],
    [{}, /\/\.cache\/soap-bench$/],
  ])('for %j', (env, expected) => {
    expect(cacheRoot(env)).toMatch(expected);
  });
});
