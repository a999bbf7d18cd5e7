import type { SetupProgress } from './progress.js';
import type { TfjsPackage } from './tfjs-package.js';

/** What a way of getting the engine may use. */
export interface BuildContext {
  /** The package in node_modules, to be left alone; its dependencies are found from there. */
  installed: TfjsPackage;
  /** A private copy of it: the way must leave libtensorflow in `deps` and the addon in `lib` of it. */
  staged: TfjsPackage;
  /** A private folder for downloads, on the same disk. */
  scratch: string;
  progress: SetupProgress;
  signal: AbortSignal | undefined;
}

/** What TensorFlow was built for. A GPU build computes on the CPU where there is no GPU. */
export type Variant = 'cpu' | 'gpu';

/** One way to get the native engine, e.g. Google's prebuilt files. */
export interface Way {
  /** For people, e.g. 'prebuilt TensorFlow 2.9.1 (cpu)'. */
  name: string;
  tensorflowVersion: string;
  variant: Variant;
  /** @throws {Error} saying why this way does not work here. */
  build(context: BuildContext): Promise<void>;
}

/**
 * The cache key of what a way makes: everything that decides whether the binaries fit.
 * E.g. `tfjs-4.22.0_tensorflow-2.21.0-cpu_linux-x64_napi-v8`.
 */
export function cacheKey(way: Way, tfjs: TfjsPackage): string {
  const machine = `${process.platform}-${process.arch}`;
  return `tfjs-${tfjs.version}_tensorflow-${way.tensorflowVersion}-${way.variant}_${machine}_napi-v${tfjs.napi}`;
}
