import { availableParallelism, freemem, totalmem } from 'node:os';
import { messageOf } from '../../errors.js';
import { cpuName } from '../tensorflow/load.js';
import { cacheRoot, folderBytes } from './cache.js';
import { probeInstalled, type NativeProbe } from './probe.js';
import { gpuIsUnused, gpuName, inspectTools, missingTools, type SystemTools } from './system.js';

export interface Problem {
  code: string;
  message: string;
  /** The suggested action. */
  hint: string;
}

/** The report of `soap-bench doctor`, with the keys of its JSON. */
export interface Diagnosis {
  /** The engine that `--engine auto` chooses; null if none works. */
  engine: 'tensorflow' | 'wasm' | 'cpu' | null;
  /** The hardware that computes. */
  device: string | null;
  threads: number;
  tensorflow_version: string | null;
  node: string;
  platform: string;
  memory_bytes: { total: number; free: number };
  cache: { path: string; bytes: number };
  tools: SystemTools;
  problems: Problem[];
}

/** Queries of the machine, which tests can replace. */
export interface DiagnoseOptions {
  probeNative?: () => Promise<NativeProbe>;
  loadScriptEngine?: (name: 'wasm' | 'cpu') => Promise<void>;
  inspect?: () => Promise<SystemTools>;
  cacheDir?: string;
  freeMemory?: () => number;
}

const comfortableMemory = 2e9;

/** Finds out which engine works here and what prevents a better one. Changes nothing. */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { probeNative = probeInstalled, loadScriptEngine = loadEngine, inspect = inspectTools } = options;
  const { cacheDir = cacheRoot(), freeMemory = freemem } = options;
  const problems: Problem[] = [];
  const [tools, native, bytes] = await Promise.all([
    inspect(),
    probeNative().catch((error: unknown) => messageOf(error)),
    folderBytes(cacheDir),
  ]);
  const base = {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    memory_bytes: { total: totalmem(), free: freeMemory() },
    cache: { path: cacheDir, bytes },
    tools,
    problems,
  };
  if (base.memory_bytes.free < comfortableMemory) {
    problems.push({
      code: 'little_memory',
      message: `Only ${(base.memory_bytes.free / 1e9).toFixed(1)} GB of memory are free.`,
      hint: 'Close other programs, or use a smaller model or microbatch.',
    });
  }
  if (typeof native !== 'string') {
    const threads = Number(process.env.TF_NUM_INTRAOP_THREADS ?? availableParallelism());
    if (gpuIsUnused({ ...native, nvidia_driver: tools.nvidia_driver })) problems.push(gpuUnused);
    const device = native.is_gpu ? gpuName() : cpuName(threads);
    return { engine: 'tensorflow', device, threads, tensorflow_version: native.tensorflow_version, ...base };
  }
  problems.push(nativeUnavailable(native, tools));
  for (const engine of ['wasm', 'cpu'] as const) {
    try {
      await loadScriptEngine(engine);
      return { engine, device: cpuName(1), threads: 1, tensorflow_version: null, ...base };
    } catch (error) {
      problems.push({
        code: `${engine}_unavailable`,
        message: `The ${engine} engine does not load: ${messageOf(error)}`,
        hint: 'Reinstall the dependencies: npm ci',
      });
    }
  }
  return { engine: null, device: null, threads: 0, tensorflow_version: null, ...base };
}

const gpuUnused: Problem = {
  code: 'gpu_unused',
  message: 'There is an NVIDIA driver, but TensorFlow computes on the CPU.',
  hint: 'Run `npx soap-bench setup --gpu` to get the GPU build.',
};

function nativeUnavailable(reason: string, tools: SystemTools): Problem {
  const missing = missingTools(tools);
  const first =
    missing.length === 0 ? '' : `If Google's storage is not reachable, first install ${missing.join(', ')}. `;
  return {
    code: 'native_engine_unavailable',
    message: `The native engine does not load: ${reason}`,
    hint: `${first}Run \`npx soap-bench setup\`.`,
  };
}

async function loadEngine(name: 'wasm' | 'cpu'): Promise<void> {
  const tf = await import('@tensorflow/tfjs-core');
  if (name === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
  else await import('@tensorflow/tfjs-backend-cpu');
  if (!(await tf.setBackend(name))) throw new Error('its backend does not start');
}
