import { gpuIsUnused, gpuUnusedText } from './system.js';
import { installNativeEngine, type InstallOptions } from './install.js';
import { terminalProgress } from './progress.js';

/** Time limit of each way, which keeps `npm ci` under five minutes on a slow connection. */
const wayTimeoutMs = 110_000;

/**
 * Tries to install the native engine for the CPU from npm's `prepare` script, and never fails. The GPU build is gigabytes
 * larger and left to `setup --gpu`. If the engine cannot be installed, everything still runs on wasm, and two lines say how
 * to try again.
 * @param note Receives messages line by line.
 * @returns True if the engine is installed.
 */
export async function prepareInstall(note: (line: string) => void, options: InstallOptions = {}): Promise<boolean> {
  try {
    const result = await installNativeEngine({
      progress: terminalProgress((text) => {
        note(`native engine: ${text}`);
      }),
      wayTimeoutMs,
      ...options,
    });
    note(`native engine: TensorFlow ${result.tensorflow_version} is ready (${result.way}).`);
    if (gpuIsUnused(result)) note(`native engine: ${gpuUnusedText}`);
    return true;
  } catch {
    // Earlier messages have said why.
    note('The native engine could not be installed (see above); soap-bench runs on the slower wasm engine instead.');
    note('To try again: npx soap-bench setup');
    return false;
  }
}
