import { gpuIsUnused, gpuUnusedText } from './system.js';
import { installNativeEngine, type InstallOptions } from './install.js';
import { terminalProgress } from './progress.js';

/** Of each way, so that one on a slow line does not take the next one's time: `npm ci` stays under five minutes. */
const wayTimeoutMs = 110_000;

/**
 * What npm's `prepare` runs after an installation: tries to install the native engine for the CPU and never
 * fails. The GPU build is gigabytes larger, and for `setup --gpu` to get.
 * When the engine cannot be had, everything still runs on wasm, and two lines say how to try again.
 * @param note Takes what there is to say, line by line.
 * @returns Whether the engine is there.
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
    // The stages above have already said why.
    note('The native engine could not be installed (see above); soap-bench runs on the slower wasm engine instead.');
    note('To try again: npx soap-bench setup');
    return false;
  }
}
