import { messageOf } from '../../errors.js';
import { runCommand } from './command.js';
import { packageRoot } from '../../own-package.js';
import { findPackage, packageName } from './tfjs-package.js';

/** Facts that the native engine reports after it has loaded. */
export interface NativeProbe {
  tensorflow_version: string;
  is_gpu: boolean;
}

/** Loads the package given as argument and multiplies two matrices. Node >= 23 lacks the two helpers. */
const script = `
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value == null;
util.isArray ??= Array.isArray;
const tf = require(process.argv[1]);
const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]])).dataSync();
if (product.join() !== '19,22,43,50') throw new Error('it multiplies matrices wrongly: ' + product.join());
const backend = tf.backend();
console.log(JSON.stringify({ tensorflow_version: backend.binding.TF_Version, is_gpu: backend.isUsingGpuDevice }));
`;

export interface ProbeOptions {
  /** Folders in which to resolve the package's imports, for a copy outside node_modules. */
  moduleFolders?: string;
  signal?: AbortSignal | undefined;
}

/**
 * Loads the native engine that this soap-bench would use.
 * @throws {Error} with the reason if it does not load.
 */
export async function probeInstalled(): Promise<NativeProbe> {
  const tfjs = findPackage(packageRoot);
  if (tfjs === null) throw new Error(`${packageName} is not in node_modules`);
  return probePackage(tfjs.dir);
}

/**
 * Loads the native engine in a child process, to contain TensorFlow's messages, a crash or a hang.
 * @throws {Error} with the reason if it does not load.
 */
export async function probePackage(packageDir: string, options: ProbeOptions = {}): Promise<NativeProbe> {
  const output = await load(packageDir, { TF_CPP_MIN_LOG_LEVEL: '3', ...process.env }, options, false);
  return JSON.parse(output.trim().split('\n').at(-1)!) as NativeProbe;
}

/**
 * The reason why a GPU build of TensorFlow computes on the CPU: its log messages about libraries that do not open and a
 * driver that does not start. Null if there are none.
 */
export async function gpuFailure(packageDir: string, options: ProbeOptions = {}): Promise<string | null> {
  const talkative = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '0', TF_CPP_VMODULE: 'dso_loader=1' };
  const log = await load(packageDir, talkative, options, true).catch(messageOf);
  const causes = log.split('\n').filter((line) => /could not load dynamic library|failed call to cuInit/i.test(line));
  // `2026-11-28 11:05:00.1: W xla/…/dso_loader.cc:59] Could not load dynamic library 'libcudnn.so.9'; dlerror: …`
  return [...new Set(causes.map((line) => line.replace(/^.*?\.cc:\d+\] /, '').trim()))].join('; ') || null;
}

function load(
  packageDir: string,
  variables: NodeJS.ProcessEnv,
  { moduleFolders, signal }: ProbeOptions,
  andStderr: boolean,
): Promise<string> {
  const env = { TF_FORCE_GPU_ALLOW_GROWTH: 'true', ...variables };
  return runCommand(process.execPath, ['-e', script, packageDir], {
    env: moduleFolders === undefined ? env : { ...env, NODE_PATH: moduleFolders },
    signal,
    timeoutMs: 120_000,
    andStderr,
  });
}
