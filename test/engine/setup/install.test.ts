import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { SoapBenchError } from '../../../src/errors.js';
import { installNativeEngine } from '../../../src/engine/setup/install.js';
import { prepareInstall } from '../../../src/engine/setup/prepare-install.js';
import { failingWay, fakeCheckout, fakeProbe, fakeWay, put, recordingProgress } from './fixtures.js';

const stagingOf = (cacheDir: string): string[] =>
  existsSync(join(cacheDir, 'staging')) ? readdirSync(join(cacheDir, 'staging')) : [];

describe('installNativeEngine', () => {
  it('takes the first way that works, reports the failed ones with their reasons, and links the cache', async () => {
    const { root, cacheDir, packageDir } = await fakeCheckout();
    const progress = recordingProgress();
    const ways = [failingWay('firewall'), fakeWay('bad addon'), fakeWay('good one'), fakeWay('good two')];
    const result = await installNativeEngine({ root, cacheDir, ways, probe: fakeProbe, progress });

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
    const options = { root, cacheDir, probe: fakeProbe };
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
    const options = { root, cacheDir, probe: fakeProbe, ways: [fakeWay('good one')] };
    const first = await installNativeEngine(options);
    await put(join(first.cache_entry!, 'lib/napi-v8/tfjs_binding.node'), 'damaged');
    // Without a replacement the checkout is left without an engine rather than with a broken one.
    const hopeless = { ...failingWay('firewall'), tensorflowVersion: 'good-one', name: 'fake good one' };
    await expect(installNativeEngine({ ...options, ways: [hopeless] })).rejects.toThrow(
      /cached fake good one: .*firewall/s,
    );
    expect(existsSync(join(packageDir, 'lib'))).toBe(false);

    const second = await installNativeEngine(options);
    expect(second.way).toBe('fake good one');
    expect(second.attempts.map((attempt) => attempt.ok)).toEqual([false, true]);

    await rm(first.cache_entry!, { recursive: true });
    expect(existsSync(join(packageDir, 'lib'))).toBe(false);
    expect((await installNativeEngine(options)).tensorflow_version).toBe('good one');
  });

  it('takes the place of a real lib folder that does not load', async () => {
    const { root, cacheDir, packageDir } = await fakeCheckout();
    await put(join(packageDir, 'lib/napi-v8/tfjs_binding.node'), 'left by another installer');
    await installNativeEngine({ root, cacheDir, probe: fakeProbe, ways: [fakeWay('good one')] });
    expect(realpathSync(join(packageDir, 'lib'))).toContain(realpathSync(cacheDir));
  });

  it('refuses a GPU build that runs on the CPU without a word', async () => {
    const { root, cacheDir } = await fakeCheckout();
    const ways = [fakeWay('good blind', { variant: 'gpu' }), fakeWay('good plain')];
    const result = await installNativeEngine({ root, cacheDir, probe: fakeProbe, ways });
    expect(result.attempts[0]!.reason).toMatch(/does not find the GPU/);
    expect(result.way).toBe('fake good plain');
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
    const options = { root, cacheDir, probe: fakeProbe, ways: [fakeWay('good one', { before })] };
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
    const options = { root, cacheDir, probe: fakeProbe, ways: [fakeWay('good one')] };

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
    const error: unknown = await installNativeEngine({ root, cacheDir, ways, probe: fakeProbe }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(SoapBenchError);
    expect(error).toMatchObject({ code: 'engine_unavailable', exitCode: 6 });
    expect((error as SoapBenchError).message).toContain('hopeless: firewall');
    expect((error as SoapBenchError).message).toContain('fake bad addon: undefined symbol: TF_Version');
    expect((error as SoapBenchError).hint).toMatch(/C\+\+ compiler.*wasm/);
    expect(existsSync(join(packageDir, 'lib'))).toBe(false);
  });

  it('says how to get the package when npm has removed it and this is no checkout', async () => {
    const { root, cacheDir, packageDir } = await fakeCheckout();
    await rm(packageDir, { recursive: true });
    await expect(installNativeEngine({ root, cacheDir, ways: [], probe: fakeProbe })).rejects.toThrow(
      /npm install --no-save --ignore-scripts @tensorflow\/tfjs-node-gpu/,
    );
  });

  it('builds anew when forced', async () => {
    const { root, cacheDir } = await fakeCheckout();
    const options = { root, cacheDir, probe: fakeProbe };
    await installNativeEngine({ ...options, ways: [fakeWay('good one')] });
    const result = await installNativeEngine({ ...options, ways: [fakeWay('good one')], force: true });
    expect(result.attempts).toEqual([{ way: 'fake good one', ok: true, reason: null }]);
  });
});

describe('prepareInstall', () => {
  it('ends well, with two lines, even when the engine cannot be had', async () => {
    const { root, cacheDir } = await fakeCheckout();
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => {
      written.mockRestore();
    });
    const options = { root, probe: fakeProbe, progress: recordingProgress() };
    expect(await prepareInstall({ ...options, cacheDir, ways: [failingWay('firewall')] })).toBe(false);
    expect(written.mock.calls.flat().join('').trim().split('\n')).toEqual([
      expect.stringMatching(/could not be installed.*wasm/),
      'To try again: npx soap-bench setup',
    ]);
    // Not even a cache folder that cannot be made is npm's concern.
    expect(await prepareInstall({ ...options, cacheDir: '/dev/null/cache', ways: [fakeWay('good one')] })).toBe(false);
  });

  it('gives up on a way that takes too long', async () => {
    const { root, cacheDir } = await fakeCheckout();
    const stop = new AbortController();
    const before = (): Promise<void> => {
      stop.abort();
      return Promise.reject(new Error('stopped'));
    };
    const ways = [fakeWay('good slow', { before }), fakeWay('good never tried')];
    await expect(installNativeEngine({ root, cacheDir, ways, probe: fakeProbe, signal: stop.signal })).rejects.toThrow(
      /^The native engine could not be installed in the time given\.\n {2}fake good slow: stopped$/,
    );
  });
});
