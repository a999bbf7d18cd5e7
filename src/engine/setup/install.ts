import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SoapBenchError, exitCodes, messageOf } from '../../errors.js';
import { cacheRoot, createStaging, entryDir, publish, removeDeadStaging } from './cache.js';
import { prebuiltWay } from './prebuilt.js';
import { probePackage, type NativeProbe } from './probe.js';
import { silentProgress, type SetupProgress } from './progress.js';
import { nvidiaDriver } from './system.js';
import type { TfjsPackage } from './tfjs-package.js';
import * as tfjsPackage from './tfjs-package.js';
import { cacheKey, type Way } from './way.js';
import { wheelWay } from './wheel.js';

export interface InstallOptions {
  /** The folder whose node_modules gets the engine; soap-bench's own by default. */
  root?: string;
  cacheDir?: string;
  /** Builds anew although an engine loads or is cached. */
  force?: boolean;
  progress?: SetupProgress;
  signal?: AbortSignal;
  /** In the order in which they are tried. */
  ways?: Way[];
  /** Proves that the engine in a package folder works; loads it in a child process by default. */
  probe?: typeof probePackage;
}

/** One try, for the report. */
export interface Attempt {
  way: string;
  ok: boolean;
  /** Why it failed. */
  reason: string | null;
}

export interface InstallResult extends NativeProbe {
  /** What worked, e.g. 'already installed'. */
  way: string;
  /** The cache folder that the files are in; null when the package holds them itself. */
  cache_entry: string | null;
  attempts: Attempt[];
}

/** With an NVIDIA driver the GPU builds come first; they count only if they see the GPU. */
export function defaultWays(hasNvidiaDriver: boolean = nvidiaDriver() !== null): Way[] {
  const cpu = [prebuiltWay('cpu'), wheelWay('cpu')];
  return hasNvidiaDriver ? [prebuiltWay('gpu'), wheelWay('gpu'), ...cpu] : cpu;
}

/**
 * Installs the native engine by the first way that works: already loadable, cached by another checkout, then `ways`.
 * Safe to repeat, to run twice at once and to kill: everything is built in a private folder and published by a rename.
 * @throws {SoapBenchError} `engine_unavailable` with the reason of every failed way.
 */
export async function installNativeEngine(options: InstallOptions = {}): Promise<InstallResult> {
  const { root = tfjsPackage.ownRoot, cacheDir = cacheRoot(), ways = defaultWays(), force = false } = options;
  const { progress = silentProgress, probe = probePackage, signal } = options;
  const attempts: Attempt[] = [];

  async function attempt(way: string, entry: string | null, action: () => Promise<NativeProbe>) {
    try {
      const proof = await action();
      attempts.push({ way, ok: true, reason: null });
      return { ...proof, way, cache_entry: entry, attempts };
    } catch (error) {
      attempts.push({ way, ok: false, reason: messageOf(error) });
      progress.stage(`${way}: ${messageOf(error)}`);
      return undefined;
    }
  }

  await removeDeadStaging(cacheDir);
  const tfjs = tfjsPackage.findPackage(root) ?? (await restore(root, progress, signal));

  if (!force && existsSync(join(tfjs.dir, 'lib'))) {
    const result = await attempt('already installed', tfjsPackage.linkedEntry(tfjs), () => probe(tfjs.dir, { signal }));
    if (result !== undefined) return result;
  }
  const broken = new Set<Way>(force ? ways : []);
  for (const way of ways) {
    const entry = entryDir(cacheDir, cacheKey(way, tfjs));
    if (broken.has(way) || !existsSync(entry)) continue;
    const result = await attempt(`cached ${way.name}`, entry, async () => {
      await tfjsPackage.linkEntry(tfjs, entry);
      return provenProbe(way, await probe(tfjs.dir, { signal }));
    });
    if (result !== undefined) return result;
    broken.add(way);
    await tfjsPackage.unlinkEntry(tfjs);
  }
  for (const way of ways) {
    if (signal?.aborted === true) break;
    const entry = entryDir(cacheDir, cacheKey(way, tfjs));
    progress.stage(`trying: ${way.name}`);
    const result = await attempt(way.name, entry, async () => {
      await buildEntry(way, tfjs, entry, broken.has(way));
      await tfjsPackage.linkEntry(tfjs, entry);
      return probe(tfjs.dir, { signal });
    });
    if (result !== undefined) return result;
  }
  throw unavailable(attempts, signal);

  async function buildEntry(way: Way, original: TfjsPackage, entry: string, replace: boolean): Promise<void> {
    const staging = await createStaging(cacheDir);
    try {
      const staged = await tfjsPackage.stagePackage(original, join(staging, 'package'));
      const scratch = join(staging, 'scratch');
      await mkdir(scratch);
      await way.build({ installed: original, staged, scratch, progress, signal });
      progress.stage('checking that it loads');
      provenProbe(way, await probe(staged.dir, { moduleFolders: tfjsPackage.moduleFolders(original), signal }));
      const finished = join(staging, 'entry');
      await mkdir(finished);
      for (const part of ['lib', 'deps']) await rename(join(staged.dir, part), join(finished, part));
      await publish(finished, entry, replace);
    } finally {
      await rm(staging, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

/** TensorFlow runs on the CPU without a word when a CUDA library is missing: a GPU build must prove the GPU. */
function provenProbe(way: Way, probe: NativeProbe): NativeProbe {
  if (way.variant === 'gpu' && !probe.is_gpu) {
    throw new Error('it loads, but does not find the GPU (its CUDA libraries or the driver do not fit)');
  }
  return probe;
}

async function restore(root: string, progress: SetupProgress, signal?: AbortSignal): Promise<TfjsPackage> {
  progress.stage(`restoring ${tfjsPackage.packageName}, which npm has removed`);
  try {
    return await tfjsPackage.restorePackage(root, signal);
  } catch (error) {
    progress.stage(messageOf(error));
    throw unavailable([{ way: `restoring ${tfjsPackage.packageName}`, ok: false, reason: messageOf(error) }], signal);
  }
}

function unavailable(attempts: Attempt[], signal?: AbortSignal): SoapBenchError {
  const list = attempts.map(({ way, reason }) => `  ${way}: ${reason ?? ''}`).join('\n');
  const stopped = signal?.aborted === true ? ' in the time given' : '';
  return new SoapBenchError('engine_unavailable', `The native engine could not be installed${stopped}.\n${list}`, {
    exitCode: exitCodes.unavailable,
    hint:
      'Install python3 with pip, make and a C++ compiler, or give access to a package index (pip reads HTTPS_PROXY), ' +
      'then run `npx soap-bench setup` again. Until then --engine wasm runs everything, slower.',
  });
}
