import { runCommand } from './command.js';

/** What the native engine says about itself once it has really loaded. */
export interface NativeProbe {
  tensorflow_version: string;
  is_gpu: boolean;
}

/** Loads the package that is given as argument and multiplies two matrices; Node >= 23 lacks the two helpers. */
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
  /** Folders to look the package's imports up in, when it is a copy outside node_modules. */
  moduleFolders?: string;
  signal?: AbortSignal | undefined;
}

/**
 * Loads the native engine in a child process: TensorFlow's chatter, a crash or a hang stay there.
 * @throws {Error} whose message says why it does not load.
 */
export async function probePackage(packageDir: string, options: ProbeOptions = {}): Promise<NativeProbe> {
  const env = { ...process.env };
  env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  if (options.moduleFolders !== undefined) env.NODE_PATH = options.moduleFolders;
  const output = await runCommand(process.execPath, ['-e', script, packageDir], {
    env,
    signal: options.signal,
    timeoutMs: 120_000,
  });
  return JSON.parse(output.trim().split('\n').at(-1)!) as NativeProbe;
}
