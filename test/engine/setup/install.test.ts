import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { SoapBenchError } from '../../../src/errors.js';
import { defaultWays, installNativeEngine } from '../../../src/engine/setup/install.js';
import { prepareInstall } from '../../../src/engine/setup/prepare-install.js';
import type { Way } from '../../../src/engine/setup/way.js';
import { failingWay, fakeCheckout, fakeProbe, fakeWay, put, inspect, recordingProgress } from './fixtures.js';

const stagingOf = (cacheDir: string): string[] =>
  existsSync(join(cacheDir, 'staging')) ? readdirSync(join(cacheDir, 'staging')) : [];

describe('installNativeEngine', () => {
  it('takes the first way that works, reports the failed ones with their reasons, and links the cache', async () => {
    const { root, cacheDir, packageDir } = await fakeCheckout();
    const progress = recordingProgress();
    const ways = [failingWay('firewall'), fakeWay('bad addon'), fakeWay('good one'), fakeWay('good two')];
    const result = await installNativeEngine({ root, cacheDir, ways, probe: fakeProbe, inspect, progress });

    expect(result.way).toBe('fake good one');
    expect(result.attempts).toEqual([
      { way: 'hopeless', ok: false, reason: 'firewall' },
      { way: 'fake bad addon', ok: false, reason: 'undefined symbol: TF_Version' },
      { way: 'fake good one', ok: true, reason: null },
    ]);
    expect(progress.stages).toContain('hopeless: firewall');
    expect(readlinkSync(join(packageDir, 'lib'))).toBe(join(result.cache_entry!, 'lib'));
    expect(lstatSync(join(packageDir, 'deps')).isSymbolicLink()).toBe(true);
    // What did not load was not published, and nobody's scaffolding is left.
    expect(readdirSync(join(cacheDir, 'native'))).toHaveLength(1);
    expect(stagingOf(cacheDir)).toEqual([]);
  });

  it('does nothing when the engine loads, and links a warm cache without building', async () => {
    const { root, cacheDir, packageDir } = await fakeCheckout();
    const options = { root, cacheDir, probe: fakeProbe, inspect };
    await installNativeEngine({ ...options, ways: [fakeWay('good one')] });

    let built = false;
    const before = (): Promise<void> => Promise.resolve(void (built = true));
    const ways = [fakeWay('good better', { before }), fakeWay('good one', { before })];
    expect((await installNativeEngine({ ...options, ways })).way).toBe('already installed');

    await rm(join(packageDir, 'lib'));
    expect((await installNativeEngine({ ...options, ways })).way).toBe('cached fake good one');
    expect(built).toBe(false);
  });

  it('replaces a cached engine that no longer loads, and a link that leads nowhere', async () => {
    const { root, cacheDir, packageDir } = await fakeCheckout();
    const options = { root, cacheDir, probe: fakeProbe, inspect, ways: [fakeWay('good one')] };
    const first = await installNativeEngine(options);
    await put(join(first.cache_entry!, 'lib/napi-v8/tfjs_binding.node'), 'damaged');
    // Without a replacement the checkout is left without an engine rather than with a broken one.
    const hopeless = { ...failingWay('firewall'), tensorflowVersion: 'one', name: 'fake good one' };
    await expect(installNativeEngine({ ...options, ways: [hopeless] })).rejects.toThrow(
      /cached fake good one: .*firewall/s,
    );
    expect(existsSync(join(packageDir, 'lib'))).toBe(false);

    const second = await installNativeEngine(options);
    expect(second.way).toBe('fake good one');
    expect(second.attempts.map((attempt) => attempt.ok)).toEqual([false, true]);

    await rm(first.cache_entry!, { recursive: true });
    expect(existsSync(join(packageDir, 'lib'))).toBe(false);
    expect((await installNativeEngine(options)).tensorflow_version).toBe('one');
  });

  it('takes the place of a real lib folder that does not load', async () => {
    const { root, cacheDir, packageDir } = await fakeCheckout();
    await put(join(packageDir, 'lib/napi-v8/tfjs_binding.node'), 'left by another installer');
    await installNativeEngine({ root, cacheDir, probe: fakeProbe, inspect, ways: [fakeWay('good one')] });
    expect(realpathSync(join(packageDir, 'lib'))).toContain(realpathSync(cacheDir));
  });

  it('refuses a GPU build that does not find the GPU, says which library is missing, and keeps what there was', async () => {
    const { root, cacheDir, packageDir } = await fakeCheckout();
    const options = { root, cacheDir, probe: fakeProbe, inspect, driver: () => '570.86' };
    const plain = await installNativeEngine({ ...options, ways: [fakeWay('good plain')] });
    expect(plain).toMatchObject({ is_gpu: false, nvidia_driver: '570.86' });

    const blind = [fakeWay('good blind', { variant: 'gpu' })];
    const whyNoGpu = () => Promise.resolve("Could not load dynamic library 'libcudnn.so.9'");
    await expect(installNativeEngine({ ...options, variant: 'gpu', ways: blind, whyNoGpu })).rejects.toThrow(
      /already installed: it computes on the CPU\n.*fake good blind: .*does not find the GPU: .*libcudnn\.so\.9/,
    );
    expect(readlinkSync(join(packageDir, 'lib'))).toBe(join(plain.cache_entry!, 'lib'));

    const seeing = [fakeWay('good seeing gpu', { variant: 'gpu' })];
    const result = await installNativeEngine({ ...options, variant: 'gpu', ways: seeing });
    expect(result).toMatchObject({ is_gpu: true, way: 'fake good seeing gpu' });
    // It computes on the CPU as well: nothing is to be done for that.
    expect((await installNativeEngine({ ...options, ways: [] })).way).toBe('already installed');
  });

  it('installs the GPU build where there is no driver yet, and takes it from the cache later', async () => {
    const { root, cacheDir, packageDir } = await fakeCheckout();
    const ways = [fakeWay('good image', { variant: 'gpu' })];
    const options = { root, cacheDir, ways, probe: fakeProbe, inspect, variant: 'gpu' as const };
    expect((await installNativeEngine({ ...options, driver: () => null })).way).toBe('fake good image');
    // Where the driver is, the cached build has to find the GPU.
    await rm(join(packageDir, 'lib'));
    const broken = installNativeEngine({ ...options, driver: () => '570.86', whyNoGpu: () => Promise.resolve(null) });
    await expect(broken).rejects.toThrow(/cached fake good image: it loads, but does not find the GPU/);
  });

  it('tries the newer TensorFlow first for the GPU, and what needs no compiler first for the CPU', () => {
    expect(defaultWays('gpu').map((way) => way.tensorflowVersion)).toEqual(['2.21.0', '2.9.1']);
    expect(defaultWays('cpu').map((way) => way.tensorflowVersion)).toEqual(['2.9.1', '2.21.0']);
    expect(new Set(defaultWays('cpu').map((way) => way.variant))).toEqual(new Set(['cpu']));
  });

  it('refuses a library of another version than the one asked for', async () => {
    const { root, cacheDir } = await fakeCheckout();
    const ways = [{ ...fakeWay('good 2.21.0'), tensorflowVersion: '2.9.1' }];
    await expect(installNativeEngine({ root, cacheDir, probe: fakeProbe, inspect, ways })).rejects.toThrow(
      /it is TensorFlow 2\.21\.0, not 2\.9\.1/,
    );
    expect(existsSync(join(cacheDir, 'native'))).toBe(false);
  });

  it('is safe when two run at once: both end well with one entry', async () => {
    const { root, cacheDir } = await fakeCheckout();
    // Each waits in the middle of its build until the other is there too.
    let arrived = 0;
    let meet!: () => void;
    const both = new Promise<void>((resolve) => (meet = resolve));
    const before = (): Promise<void> => {
      arrived += 1;
      if (arrived === 2) meet();
      return both;
    };
    const options = { root, cacheDir, probe: fakeProbe, inspect, ways: [fakeWay('good one', { before })] };
    const results = await Promise.all([installNativeEngine(options), installNativeEngine(options)]);
    expect(results.map((result) => result.way)).toEqual(['fake good one', 'fake good one']);
    expect(readdirSync(join(cacheDir, 'native'))).toHaveLength(1);
    expect(readdirSync(join(results[0].cache_entry!))).toEqual(['deps', 'lib']);
    expect(stagingOf(cacheDir)).toEqual([]);
  });

  it('keeps what another process is building and removes what a killed one has left', async () => {
    const { root, cacheDir } = await fakeCheckout();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const halfMade = `${hostname()}~${child.pid!}~abc`;
    const elsewhere = `other-host~${child.pid!}~abc`;
    await put(join(cacheDir, 'staging', halfMade, 'package/deps/lib/libtensorflow.so'), 'half of a libr');
    await put(join(cacheDir, 'staging', elsewhere, 'package/package.json'), '{}');
    const options = { root, cacheDir, probe: fakeProbe, inspect, ways: [fakeWay('good one')] };

    await installNativeEngine(options);
    expect(stagingOf(cacheDir).sort()).toEqual([halfMade, elsewhere].sort());

    child.kill('SIGKILL');
    await once(child, 'exit');
    await installNativeEngine(options);
    expect(stagingOf(cacheDir)).toEqual([elsewhere]);
  });

  it('ends with every reason and exit code 6 when no way works', async () => {
    const { root, cacheDir, packageDir } = await fakeCheckout();
    const ways = [failingWay('firewall'), fakeWay('bad addon')];
    const error: unknown = await installNativeEngine({ root, cacheDir, ways, probe: fakeProbe, inspect }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(SoapBenchError);
    expect(error).toMatchObject({ code: 'engine_unavailable', exitCode: 6 });
    expect((error as SoapBenchError).message).toContain('hopeless: firewall');
    expect((error as SoapBenchError).message).toContain('fake bad addon: undefined symbol: TF_Version');
    expect((error as SoapBenchError).hint).toMatch(/^Give access to a Python package index.*wasm/);
    expect(existsSync(join(packageDir, 'lib'))).toBe(false);
  });

  it('says where nothing can be written before it tries anything', async () => {
    const { root, cacheDir } = await fakeCheckout();
    await put(cacheDir, 'a file');
    const installing = installNativeEngine({ root, cacheDir, ways: [], probe: fakeProbe, inspect });
    await expect(installing).rejects.toMatchObject({ code: 'not_a_folder', exitCode: 2 });
    await expect(installing).rejects.toThrow(`${cacheDir} is a file, not a folder`);
  });

  it('finds the package where a project has it that soap-bench is a dependency of', async () => {
    const { root: project, cacheDir, packageDir } = await fakeCheckout();
    const root = join(project, 'node_modules/soap-bench');
    await put(join(root, 'package.json'), '{}');
    await installNativeEngine({ root, cacheDir, ways: [fakeWay('good one')], probe: fakeProbe, inspect });
    expect(existsSync(join(packageDir, 'lib'))).toBe(true);
  });

  describe('when npm has removed the package from the project', () => {
    /** Stands for npm. */
    async function projectWith(npm: string) {
      const { root: project, cacheDir, packageDir } = await fakeCheckout();
      const root = join(project, 'node_modules/soap-bench');
      await put(
        join(root, 'package.json'),
        JSON.stringify({ optionalDependencies: { '@tensorflow/tfjs-node-gpu': '4.22.0' } }),
      );
      await rename(packageDir, join(project, 'removed'));
      await put(join(project, 'npm-cli.js'), npm);
      vi.stubEnv('npm_execpath', join(project, 'npm-cli.js'));
      onTestFinished(() => {
        vi.unstubAllEnvs();
      });
      const options = { root, cacheDir, ways: [fakeWay('good one')], probe: fakeProbe, inspect };
      return { project, root, options };
    }

    it("puts it into soap-bench's own folder, with its dependencies and without a second TensorFlow.js", async () => {
      const { project, root, options } = await projectWith(`
        const { cpSync, mkdirSync, writeFileSync } = require('fs');
        const words = process.argv.slice(2);
        const modules = words[words.indexOf('--prefix') + 1] + '/node_modules/';
        if (!words.includes('--ignore-scripts') || words.at(-1) !== '@tensorflow/tfjs-node-gpu@4.22.0') process.exit(1);
        cpSync('../../../../removed', modules + '@tensorflow/tfjs-node-gpu', { recursive: true });
        for (const name of ['google-protobuf', '@mapbox/node-pre-gyp', '@tensorflow/tfjs']) {
          mkdirSync(modules + name, { recursive: true });
          writeFileSync(modules + name + '/package.json', '{}');
        }`);
      await put(join(project, 'node_modules/google-protobuf/package.json'), '{ "version": "of the project" }');
      expect((await installNativeEngine(options)).way).toBe('fake good one');
      const restored = join(root, 'node_modules/@tensorflow/tfjs-node-gpu');
      expect(existsSync(join(restored, 'lib'))).toBe(true);
      expect(readdirSync(join(restored, 'node_modules')).sort()).toEqual(['@mapbox', 'google-protobuf']);
      expect(readdirSync(join(root, 'node_modules'))).toEqual(['@tensorflow']);
      expect(readdirSync(join(project, 'node_modules')).sort()).toEqual([
        '@tensorflow',
        'google-protobuf',
        'soap-bench',
      ]);
      expect((await installNativeEngine(options)).way).toBe('already installed');
    });

    it('says why that failed and what to do, and leaves nothing', async () => {
      const { root, options } = await projectWith(`console.error('npm error code ENOTFOUND'); process.exit(1);`);
      await expect(installNativeEngine(options)).rejects.toMatchObject({
        exitCode: 6,
        message: expect.stringMatching(/could not be restored: npm error code ENOTFOUND/) as string,
        hint: expect.stringMatching(/npm install --ignore-scripts @tensorflow\/tfjs-node-gpu@4\.22\.0/) as string,
      });
      expect(readdirSync(join(root, 'node_modules'))).toEqual(['@tensorflow']);
    });
  });

  it('builds anew when forced', async () => {
    const { root, cacheDir } = await fakeCheckout();
    const options = { root, cacheDir, probe: fakeProbe, inspect };
    await installNativeEngine({ ...options, ways: [fakeWay('good one')] });
    const result = await installNativeEngine({ ...options, ways: [fakeWay('good one')], force: true });
    expect(result.attempts).toEqual([{ way: 'fake good one', ok: true, reason: null }]);
  });
});

describe('prepareInstall', () => {
  it('ends well, with two lines, even when the engine cannot be had', async () => {
    const { root, cacheDir } = await fakeCheckout();
    const lines: string[] = [];
    const note = (line: string) => lines.push(line);
    const options = { root, probe: fakeProbe, inspect, progress: recordingProgress() };
    expect(await prepareInstall(note, { ...options, cacheDir, ways: [failingWay('firewall')] })).toBe(false);
    expect(lines).toEqual([
      expect.stringMatching(/could not be installed.*wasm/),
      'To try again: npx soap-bench setup',
    ]);
    // Not even a cache folder that cannot be made is npm's concern.
    expect(await prepareInstall(note, { ...options, cacheDir: '/dev/null/cache', ways: [fakeWay('good one')] })).toBe(
      false,
    );
  });

  it('gives each way a time of its own', async () => {
    const { root, cacheDir } = await fakeCheckout();
    const slow: Way = {
      ...failingWay(''),
      name: 'slow',
      build: ({ signal }) => new Promise((_, reject) => signal?.addEventListener('abort', () => { reject(new Error('stopped')); })), // prettier-ignore
    };
    const ways = [slow, fakeWay('good one')];
    const result = await installNativeEngine({ root, cacheDir, ways, probe: fakeProbe, inspect, wayTimeoutMs: 50 });
    expect(result.attempts).toEqual([
      { way: 'slow', ok: false, reason: 'stopped' },
      { way: 'fake good one', ok: true, reason: null },
    ]);
  });

  it('gives up when the whole takes too long', async () => {
    const { root, cacheDir } = await fakeCheckout();
    const stop = new AbortController();
    const before = (): Promise<void> => {
      stop.abort();
      return Promise.reject(new Error('stopped'));
    };
    const ways = [fakeWay('good slow', { before }), fakeWay('good never tried')];
    await expect(
      installNativeEngine({ root, cacheDir, ways, probe: fakeProbe, inspect, signal: stop.signal }),
    ).rejects.toThrow(/^The native engine could not be installed in the time given\.\n {2}fake good slow: stopped$/);
  });
});
