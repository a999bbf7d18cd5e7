import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import util from 'node:util';
import { SoapBenchError, exitCodes, messageOf } from '../../errors.js';
import { gpuName } from '../setup/system.js';
import { packageName } from '../setup/tfjs-package.js';
import { withQuietStderr } from './quiet-stderr.js';
import { plural } from '../../format.js';

/** The native engine loaded into this process. */
export interface LoadedTensorFlow {
  /** Version of libtensorflow, e.g. '2.21.0'. */
  version: string;
  /** The hardware that computes: the GPU's name, or the CPU's model and the number of threads. */
  device: string;
  threads: number;
  isGpu: boolean;
}

export interface LoadOptions {
  /** CPU threads per operation; all cores by default. Only the first call in a process uses it. */
  threads?: number;
}

let loaded: LoadedTensorFlow | undefined;

/**
 * Loads the native engine and makes it the backend of the `@tensorflow/tfjs-core` that everything else imports.
 * The addon loads once per process and only on the main thread. Later calls return the first result.
 *
 * TensorFlow's own messages are suppressed if stderr is a terminal or a pipe. Two lines of them may reach a file, so a run's
 * child process should write stderr to a log file.
 * @throws {SoapBenchError} `engine_unavailable` with the reason.
 */
export function loadTensorFlow(options: LoadOptions = {}): Promise<LoadedTensorFlow> {
  try {
    loaded ??= load(options);
    return Promise.resolve(loaded);
  } catch (error) {
    const reason = messageOf(error).split('\n')[0]!.trim();
    return Promise.reject(
      new SoapBenchError('engine_unavailable', `The native engine does not load: ${reason}`, {
        exitCode: exitCodes.unavailable,
        hint: 'Run `npx soap-bench setup` to install it, or choose the slower engine with --engine wasm.',
        cause: error,
      }),
    );
  }
}

function load({ threads }: LoadOptions): LoadedTensorFlow {
  prepareEnvironment(process.env, threads);
  restoreRemovedHelpers(util);
  // Through CommonJS, so that the package finds the same instance of tfjs-core as `import '@tensorflow/tfjs-core'`.
  const require = createRequire(import.meta.url);
  const backend = withQuietStderr(() => {
    const tf = require(packageName) as { backend(): NodeBackend };
    return tf.backend();
  });
  const count = Number(process.env.TF_NUM_INTRAOP_THREADS ?? availableParallelism());
  return {
    version: backend.binding.TF_Version,
    device: backend.isUsingGpuDevice ? gpuName() : cpuName(count),
    threads: count,
    isGpu: backend.isUsingGpuDevice,
  };
}

interface NodeBackend {
  isUsingGpuDevice: boolean;
  binding: { TF_Version: string };
}

/** Sets variables that TensorFlow reads when its library loads. The user's own values stay, except for `threads`. */
export function prepareEnvironment(env: NodeJS.ProcessEnv, threads?: number): void {
  env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  // Several runs may share a GPU, and by default the first one would take all of its memory.
  env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  if (threads !== undefined) {
    env.TF_NUM_INTRAOP_THREADS = String(threads);
    env.TF_NUM_INTEROP_THREADS = String(threads);
  }
}

/** Node 23 removed helpers from `util` that @tensorflow/tfjs-node-gpu 4.22.0 still calls. */
export function restoreRemovedHelpers(target: object): void {
  const helpers = target as Record<string, unknown>;
  helpers.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  helpers.isArray ??= Array.isArray;
}

/** E.g. 'AMD EPYC 9B14, 2 threads'. */
export function cpuName(threads: number): string {
  const model = cpus()[0]?.model.trim() ?? process.arch;
  return `${model}, ${plural(threads, 'thread')}`;
}
