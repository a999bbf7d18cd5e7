import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { extract } from 'tar';
import { messageOf } from '../../errors.js';
import { buildAddon } from './addon.js';
import { download } from './download.js';
import type { BuildContext, Way } from './way.js';

const tensorflowVersion = '2.9.1';
const systems: Record<string, string> = { 'linux-x64': 'linux-x86_64', 'darwin-x64': 'darwin-x86_64' };

/**
 * Google's own build of libtensorflow and of the addon: what the package's install script takes.
 * TFJS_NODE_CDN_STORAGE and TFJS_NODE_BASE_URI name mirrors, as there.
 */
export function prebuiltWay(variant: 'cpu' | 'gpu', env: NodeJS.ProcessEnv = process.env): Way {
  return {
    name: `prebuilt TensorFlow ${tensorflowVersion} (${variant})`,
    tensorflowVersion,
    variant,
    async build(context) {
      const { staged } = context;
      const machine = `${process.platform}-${process.arch}`;
      const system = systems[machine];
      if (system === undefined) throw new Error(`Google publishes no library of this version for ${machine}`);
      const { library, addon } = addresses(variant, system, staged.version, staged.napi, env);
      await unpack(library, join(staged.dir, 'deps'), 0, context);
      try {
        await unpack(addon, join(staged.dir, 'lib', `napi-v${staged.napi}`), 1, context);
      } catch (error) {
        context.progress.stage(`no prebuilt addon (${messageOf(error)})`);
        await buildAddon(context);
      }
    },
  };
}

function addresses(variant: string, system: string, version: string, napi: number, env: NodeJS.ProcessEnv) {
  const storage = env.TFJS_NODE_CDN_STORAGE ?? 'https://storage.googleapis.com/';
  const base = env.TFJS_NODE_BASE_URI ?? `${storage}tensorflow/libtensorflow/libtensorflow-`;
  return {
    library: `${base}${variant}-${system}-${tensorflowVersion}.tar.gz`,
    // The addon is the same for both variants; it is filed under the name of the package that it belongs to.
    addon: `${storage}tf-builds/pre-built-binary/napi-v${napi}/${version}/GPU-${process.platform}-${version}.tar.gz`,
  };
}

async function unpack(url: string, target: string, strip: number, context: BuildContext): Promise<void> {
  const { scratch, progress, signal } = context;
  const file = join(scratch, 'download.tar.gz');
  progress.stage(`downloading ${url}`);
  await download(url, file, {
    signal,
    onProgress: (received, total) => {
      progress.download(received, total);
    },
  });
  await mkdir(target, { recursive: true });
  try {
    await extract({ file, cwd: target, strip, strict: true });
  } catch (error) {
    throw new Error(`${url}: not a whole tar.gz file: ${messageOf(error)}`, { cause: error });
  }
}
