import { note } from '../../cli/output.js';
import { installNativeEngine, type InstallOptions } from './install.js';
import { terminalProgress } from './progress.js';

/** `npm ci` should stay well under three minutes; building and the rest of it take one. */
const timeLimitMs = 110_000;

/**
 * What npm's `prepare` runs after an installation: tries to install the native engine and never fails.
 * When the engine cannot be had, everything still runs on wasm, and two lines say how to try again.
 * @returns Whether the engine is there.
 */
export async function prepareInstall(options: InstallOptions = {}): Promise<boolean> {
  try {
    const result = await installNativeEngine({
      progress: terminalProgress((text) => {
        note(`native engine: ${text}`);
      }),
      signal: AbortSignal.timeout(timeLimitMs),
      ...options,
    });
    note(`native engine: TensorFlow ${result.tensorflow_version} is ready (${result.way}).`);
    return true;
  } catch {
    // The stages above have already said why.
    note('The native engine could not be installed (see above); soap-bench runs on the slower wasm engine instead.');
    note('To try again: npx soap-bench setup');
    return false;
  }
}
