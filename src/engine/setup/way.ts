import type { SetupProgress } from './progress.js';
import type { TfjsPackage } from './tfjs-package.js';

/** Folders and hooks for a way of getting the engine. */
export interface BuildContext {
  /** The package in node_modules, which must not be changed. Its dependencies are resolved from there. */
  installed: TfjsPackage;
  /** A private copy of the package. The way must put libtensorflow into its `deps` and the addon into its `lib`. */
  staged: TfjsPackage;
  /** A private folder for downloads, on the same disk. */
  scratch: string;
  progress: SetupProgress;
  signal: AbortSignal | undefined;
}

/** The target of a TensorFlow build. A GPU build computes on the CPU if there is no GPU. */
export type Variant = 'cpu' | 'gpu';

/** One way to get the native engine, e.g. Google's prebuilt files. */
export interface Way {
  /** A name for messages, e.g. 'prebuilt TensorFlow 2.9.1 (cpu)'. */
  name: string;
  tensorflowVersion: string;
  variant: Variant;
  /** @throws {Error} with the reason why this way does not work here. */
  build(context: BuildContext): Promise<void>;
}

/**
 * The cache key of a way's binaries, with everything that decides their compatibility, such as
 * `tfjs-4.22.0_tensorflow-2.21.0-cpu_linux-x64_napi-v8`.
 */
export function cacheKey(way: Way, tfjs: TfjsPackage): string {
  const machine = `${process.platform}-${process.arch}`;
  return `tfjs-${tfjs.version}_tensorflow-${way.tensorflowVersion}-${way.variant}_${machine}_napi-v${tfjs.napi}`;
}
