import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { enableProdMode, setBackend, version_core } from '@tensorflow/tfjs-core';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';
import { EagerProgram } from './eager.js';
import { type Engine, type EngineChoice, type EngineName } from './engine.js';

export interface EngineRequest {
  readonly engine: EngineChoice;
  readonly threads: number | 'auto';
  /** Compiles steps into graphs if the engine can, as the native one does; true by default. */
  readonly compile?: boolean;
}

/**
 * Opens an engine. `auto` opens the native one and falls back to wasm. A process has one engine.
 * @param onSlower Called with one line that says why the engine is slower than it could be, and which command helps.
 * @throws SoapBenchError `engine_unavailable` if the chosen engine cannot be opened.
 */
export async function openEngine(
  { engine, threads, compile = true }: EngineRequest,
  onSlower: (line: string) => void = () => undefined,
): Promise<Engine> {
  const count = threads === 'auto' ? availableParallelism() : threads;
  if (engine !== 'auto') return open(engine, count, compile, onSlower);
  try {
    return await open('tensorflow', count, compile, onSlower);
  } catch (error) {
    const reason = messageOf(error);
    onSlower(`running on wasm, several times slower: ${reason}; \`npx soap-bench setup\` installs the native engine`);
    return open('wasm', count, compile, onSlower);
  }
}

function open(name: EngineName, threads: number, compile: boolean, onSlower: (line: string) => void): Promise<Engine> {
  return { tensorflow: openTensorFlow, wasm: openWasm, cpu: openCpu }[name](threads, compile, onSlower);
}

async function openTensorFlow(threads: number, compile: boolean, onSlower: (line: string) => void): Promise<Engine> {
  const { gpuIsUnused, gpuUnusedText } = await import('./setup/system.js');
  const { loadTensorFlow } = await import('./tensorflow/load.js');
  const { registerNativeLinearAlgebra } = await import('./tensorflow/linear-algebra.js');
  const { device, version, isGpu } = await loadTensorFlow({ threads });
  if (gpuIsUnused({ is_gpu: isGpu })) onSlower(gpuUnusedText);
  registerNativeLinearAlgebra();
  const engine = await eagerEngine('tensorflow', device, threads, version);
  if (!compile) return engine;
  const { CompiledProgram } = await import('./graph/compiled-program.js');
  return { ...engine, compiled: true, open: (stateShapes) => new CompiledProgram(stateShapes) };
}

async function openWasm(): Promise<Engine> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const { registerSegmentSum } = await import('./wasm/segment-sum.js');
  const { registerTransposingMatMul } = await import('./wasm/matmul.js');
  setWasmPaths(fileURLToPath(new URL('.', import.meta.resolve('@tensorflow/tfjs-backend-wasm'))));
  await prepareJavaScriptEngine('wasm');
  registerSegmentSum('wasm');
  registerTransposingMatMul();
  return eagerEngine('wasm', cpuModel(), 1, version_core);
}

async function openCpu(): Promise<Engine> {
  await prepareJavaScriptEngine('cpu');
  return eagerEngine('cpu', cpuModel(), 1, version_core);
}

/** Sets up what the native engine includes and the others lack. */
async function prepareJavaScriptEngine(name: 'wasm' | 'cpu'): Promise<void> {
  // In Node, tfjs-core alone has no gradients. The union package registers them.
  await import('@tensorflow/tfjs');
  const { registerHostLinearAlgebra } = await import('./host-kernels.js');
  registerHostLinearAlgebra(name);
  // Keeps TensorFlow.js from advertising its native package on the console.
  enableProdMode();
}

async function eagerEngine(name: EngineName, device: string, threads: number, version: string): Promise<Engine> {
  if (!(await setBackend(name))) {
    throw new SoapBenchError('engine_unavailable', `the ${name} engine did not start`, {
      exitCode: exitCodes.unavailable,
      hint: 'run `soap-bench doctor`',
    });
  }
  return { name, device, threads, version, compiled: false, open: (stateShapes) => new EagerProgram(stateShapes) };
}

function cpuModel(): string {
  return cpus()[0]?.model.trim() ?? 'unknown CPU';
}
