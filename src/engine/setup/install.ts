import { existsSync } from 'node:fs';
import { mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../own-package.js';
import { SoapBenchError, exitCodes, messageOf } from '../../errors.js';
import { systemError } from '../../system-error.js';
import { cacheRoot, createStaging, entryDir, publish, removeDeadStaging } from './cache.js';
import { prebuiltWay } from './prebuilt.js';
import { gpuFailure, probePackage, type NativeProbe, type ProbeOptions } from './probe.js';
import { silentProgress, type SetupProgress } from './progress.js';
import { inspectTools, missingTools, nvidiaDriver, type SystemTools } from './system.js';
import type { TfjsPackage } from './tfjs-package.js';
import * as tfjsPackage from './tfjs-package.js';
import { withinTime } from './within-time.js';
import { cacheKey, type Variant, type Way } from './way.js';
import { wheelWay } from './wheel.js';

export interface InstallOptions {
  /** The folder whose node_modules receives the engine; soap-bench's own by default. */
  root?: string;
  cacheDir?: string;
  /** The build to install; CPU by default. An installed GPU build serves both. */
  variant?: Variant;
  /** Builds again even if an engine loads or is cached. */
  force?: boolean;
  progress?: SetupProgress;
  signal?: AbortSignal;
  /** Time limit of each way. */
  wayTimeoutMs?: number;
  /** The ways to try, in order. */
  ways?: Way[];
  /** Checks that the engine in a package folder works, by default by loading it in a child process. */
  probe?: typeof probePackage;
  /** The questions to the machine, so that a test can answer them. */
  driver?: () => string | null;
  whyNoGpu?: typeof gpuFailure;
  inspect?: () => Promise<SystemTools>;
}

/** One attempt, for the report. */
export interface Attempt {
  way: string;
  ok: boolean;
  /** The reason for its failure. */
  reason: string | null;
}

export interface InstallResult extends NativeProbe {
  /** The way that worked, e.g. 'already installed'. */
  way: string;
  /** The cache folder of the files; null if they are in the package. */
  cache_entry: string | null;
  /** Version of the NVIDIA driver. */
  nvidia_driver: string | null;
  attempts: Attempt[];
}

/** The default ways. For the CPU, the way without a compiler comes first; for the GPU, the newer TensorFlow. */
export function defaultWays(variant: Variant): Way[] {
  const ways = [prebuiltWay(variant), wheelWay(variant)];
  return variant === 'cpu' ? ways : ways.reverse();
}

/**
 * Installs the native engine in the first way that works: already loadable, cached by another installation, then `ways`.
 * It is safe to repeat, to run concurrently and to kill, because it builds in a private folder and publishes by a rename.
 * @throws {SoapBenchError} `engine_unavailable` with the reason why each way failed.
 */
export async function installNativeEngine(options: InstallOptions = {}): Promise<InstallResult> {
  const { root = packageRoot, cacheDir = cacheRoot(), variant = 'cpu', force = false } = options;
  const { ways = defaultWays(variant), progress = silentProgress, probe = probePackage, signal } = options;
  const { wayTimeoutMs, driver = nvidiaDriver, whyNoGpu = gpuFailure, inspect = inspectTools } = options;
  const nvidia_driver = driver();
  const attempts: Attempt[] = [];

  async function attempt(way: string, entry: string | null, action: () => Promise<NativeProbe>) {
    try {
      const proof = await action();
      attempts.push({ way, ok: true, reason: null });
      return { ...proof, way, cache_entry: entry, nvidia_driver, attempts };
    } catch (error) {
      const reason = messageOf(systemError(error));
      attempts.push({ way, ok: false, reason });
      progress.stage(`${way}: ${reason}`);
      return undefined;
    }
  }

  await removeDeadStaging(cacheDir);
  const tfjs = tfjsPackage.findPackage(root) ?? (await restore(root, progress, signal));

  if (!force && existsSync(join(tfjs.dir, 'lib'))) {
    const result = await attempt('already installed', tfjsPackage.linkedEntry(tfjs), async () => {
      const proof = await probe(tfjs.dir, { signal });
      if (variant === 'gpu' && !proof.is_gpu) throw new Error('it computes on the CPU');
      return proof;
    });
    if (result !== undefined) return result;
  }
  const broken = new Set<Way>(force ? ways : []);
  for (const way of ways) {
    const entry = entryDir(cacheDir, cacheKey(way, tfjs));
    if (broken.has(way) || !existsSync(entry)) continue;
    const result = await attempt(`cached ${way.name}`, entry, async () => {
      const before = tfjsPackage.linkedEntry(tfjs);
      await tfjsPackage.linkEntry(tfjs, entry);
      try {
        return await proven(way, tfjs.dir, { signal });
      } catch (error) {
        await (before === null || before === entry
          ? tfjsPackage.unlinkEntry(tfjs)
          : tfjsPackage.linkEntry(tfjs, before));
        throw error;
      }
    });
    if (result !== undefined) return result;
    broken.add(way);
  }
  // Fails early for problems that no way can solve.
  await rmdir(await createStaging(cacheDir));
  for (const way of ways) {
    if (signal?.aborted === true) break;
    const entry = entryDir(cacheDir, cacheKey(way, tfjs));
    progress.stage(`trying: ${way.name}`);
    const result = await attempt(way.name, entry, async () => {
      await withinTime({ signal, timeoutMs: wayTimeoutMs }, (stop) => {
        return buildEntry(way, tfjs, entry, broken.has(way), stop);
      });
      await tfjsPackage.linkEntry(tfjs, entry);
      return probe(tfjs.dir, { signal });
    });
    if (result !== undefined) return result;
  }
  throw unavailable(attempts, await inspect(), signal);

  /** Checks that the engine uses the GPU, if there is one: without a CUDA library, TensorFlow silently runs on the CPU. */
  async function proven(way: Way, dir: string, options: ProbeOptions): Promise<NativeProbe> {
    const proof = await probe(dir, options);
    if (proof.tensorflow_version !== way.tensorflowVersion) {
      throw new Error(`it is TensorFlow ${proof.tensorflow_version}, not ${way.tensorflowVersion}`);
    }
    if (way.variant === 'gpu' && nvidia_driver !== null && !proof.is_gpu) {
      const reason = (await whyNoGpu(dir, options)) ?? 'its CUDA libraries or the driver do not fit';
      throw new Error(`it loads, but does not find the GPU: ${reason}`);
    }
    return proof;
  }

  async function buildEntry(
    way: Way,
    original: TfjsPackage,
    entry: string,
    replace: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const staging = await createStaging(cacheDir);
    try {
      const staged = await tfjsPackage.stagePackage(original, join(staging, 'package'));
      const scratch = join(staging, 'scratch');
      await mkdir(scratch);
      await way.build({ installed: original, staged, scratch, progress, signal });
      progress.stage('checking that it loads');
      await proven(way, staged.dir, { moduleFolders: tfjsPackage.moduleFolders(original), signal });
      const finished = join(staging, 'entry');
      await mkdir(finished);
      for (const part of ['lib', 'deps']) await rename(join(staged.dir, part), join(finished, part));
      await publish(finished, entry, replace);
    } finally {
      await rm(staging, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

async function restore(root: string, progress: SetupProgress, signal?: AbortSignal): Promise<TfjsPackage> {
  progress.stage(`restoring ${tfjsPackage.packageName}, which the package manager has removed`);
  try {
    return await tfjsPackage.restorePackage(root, signal);
  } catch (error) {
    const message = `${tfjsPackage.packageName} could not be restored: ${messageOf(error)}`;
    throw new SoapBenchError('engine_unavailable', message, {
      exitCode: exitCodes.unavailable,
      hint: `Run \`npm install --ignore-scripts ${tfjsPackage.wantedPackage(root)}\` here, then \`npx soap-bench setup\` again.`,
      cause: error,
    });
  }
}

function unavailable(attempts: Attempt[], tools: SystemTools, signal?: AbortSignal): SoapBenchError {
  const list = attempts.map(({ way, reason }) => `  ${way}: ${reason ?? ''}`).join('\n');
  const stopped = signal?.aborted === true ? ' in the time given' : '';
  const missing = missingTools(tools);
  const first =
    missing.length > 0
      ? `Install ${missing.join(', ')}`
      : 'Give access to a Python package index or a mirror (pip reads HTTPS_PROXY and PIP_INDEX_URL)';
  return new SoapBenchError('engine_unavailable', `The native engine could not be installed${stopped}.\n${list}`, {
    exitCode: exitCodes.unavailable,
    hint: `${first}, then run \`npx soap-bench setup\` again. Until then --engine wasm runs everything, slower.`,
  });
}
