import type { Command } from 'commander';
import { note, print, printJson, warn, type OutputOptions } from '../terminal/output.js';

interface SetupOptions extends OutputOptions {
  force?: boolean;
  gpu?: boolean;
  postinstall?: boolean;
}

/** `soap-bench setup`: installs the native engine. */
export function registerSetup(program: Command): void {
  program
    .command('setup')
    .description('install the native engine (TensorFlow) by the first way that works')
    .option('--gpu', 'install the GPU build, also where there is no GPU yet (about 3 GB to download)')
    .option('--force', 'build it anew although it is installed or cached')
    .option('--postinstall', 'for npm: limit the time, and end well without the engine')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print nothing but the result')
    .addHelpText(
      'after',
      `
Ways, in this order: already loadable; cached by another installation; Google's
prebuilt files; the library out of TensorFlow's Python wheel (pip) with the
addon compiled here. With --gpu the last two change places. The files go to
$SOAP_BENCH_CACHE, else $XDG_CACHE_HOME/soap-bench, else ~/.cache/soap-bench.

Examples:
  soap-bench setup
  soap-bench setup --gpu
  soap-bench setup --force --json
  TFJS_NODE_CDN_STORAGE=https://mirror.example/ soap-bench setup`,
    )
    .action(async (options: SetupOptions) => {
      if (options.postinstall === true) {
        const { prepareInstall } = await import('../../engine/setup/prepare-install.js');
        await prepareInstall(note);
        return;
      }
      const { installNativeEngine } = await import('../../engine/setup/install.js');
      const { silentProgress, terminalProgress } = await import('../../engine/setup/progress.js');
      const result = await installNativeEngine({
        variant: options.gpu === true ? 'gpu' : 'cpu',
        force: options.force === true,
        progress: options.quiet === true ? silentProgress : terminalProgress(note),
      });
      if (options.json === true) {
        printJson({ engine: 'tensorflow', ...result });
        return;
      }
      const { gpuIsUnused, gpuUnusedText } = await import('../../engine/setup/system.js');
      if (options.gpu !== true && gpuIsUnused(result)) warn(gpuUnusedText);
      const device = result.is_gpu ? 'GPU' : 'CPU';
      print(`The native engine is ready: TensorFlow ${result.tensorflow_version} on the ${device} (${result.way}).`);
    });
}
