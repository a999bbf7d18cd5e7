import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import { messageOf } from '../../errors.js';
import { buildAddon } from './addon.js';
import { download } from './download.js';
import { requireBuildTools } from './system.js';
import type { BuildContext, Variant, Way } from './way.js';

const tensorflowVersion = '2.9.1';
const systems: Record<string, string> = { 'linux-x64': 'linux-x86_64', 'darwin-x64': 'darwin-x86_64' };

/** SHA-256 digests of Google's libraries, which other projects pin too. */
const knownDigests: Readonly<Record<string, string>> = {
  'cpu-linux-x86_64': '7f510d2546e3db5e10b1d119463689003d587842892ad3c95bca51cf82820173',
  'gpu-linux-x86_64': '20c46f761d5905f592c4eac0812e8e50d9cb439f9440a9391912cf4c02ed8be8',
  'cpu-darwin-x86_64': '56f83d3320ba0f69aaafd6c058645e1b7fbc75fb9a3fc36d6be98de1291ca226',
};

/**
 * Google's build of libtensorflow and of the addon, which the package's install script also uses.
 * TFJS_NODE_CDN_STORAGE and TFJS_NODE_BASE_URI select mirrors, as for that script.
 */
export function prebuiltWay(
  variant: Variant,
  env: NodeJS.ProcessEnv = process.env,
  digests: Readonly<Record<string, string>> = knownDigests,
): Way {
  return {
    name: `prebuilt TensorFlow ${tensorflowVersion} (${variant})`,
    tensorflowVersion,
    variant,
    async build(context) {
      const { staged } = context;
      const machine = `${process.platform}-${process.arch}`;
      const system = systems[machine];
      const digest = digests[`${variant}-${system ?? ''}`];
      if (system === undefined || digest === undefined) {
        throw new Error(`Google publishes no library of this version for ${machine}`);
      }
      const { library, addon } = addresses(variant, system, staged.version, staged.napi, env);
      // The small file first: without it a compiler is needed, which should be known before the large download.
      const prebuilt = await unpack(addon, join(staged.dir, 'lib', `napi-v${staged.napi}`), 1, context).then(
        () => null,
        messageOf,
      );
      if (prebuilt !== null) {
        context.progress.stage(`no prebuilt addon (${prebuilt})`);
        await requireBuildTools().catch((error: unknown) => {
          throw new Error(`${prebuilt}; ${messageOf(error)}`, { cause: error });
        });
      }
      await unpack(library, join(staged.dir, 'deps'), 0, context, digest);
      if (prebuilt !== null) await buildAddon(context);
    },
  };
}

function addresses(variant: Variant, system: string, version: string, napi: number, env: NodeJS.ProcessEnv) {
  const storage = env.TFJS_NODE_CDN_STORAGE ?? 'https://storage.googleapis.com/';
  const base = env.TFJS_NODE_BASE_URI ?? `${storage}tensorflow/libtensorflow/libtensorflow-`;
  return {
    library: `${base}${variant}-${system}-${tensorflowVersion}.tar.gz`,
    // The addon is the same for both variants. Its address has the name of its package.
    addon: `${storage}tf-builds/pre-built-binary/napi-v${napi}/${version}/GPU-${process.platform}-${version}.tar.gz`,
  };
}

async function unpack(
  url: string,
  target: string,
  strip: number,
  context: BuildContext,
  digest?: string,
): Promise<void> {
  const { scratch, progress, signal } = context;
  const file = join(scratch, 'download.tar.gz');
  progress.stage(`downloading ${url}`);
  await download(url, file, {
    signal,
    onProgress: (received, total) => {
      progress.download(received, total);
    },
  });
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (digest !== undefined && found !== digest) {
    throw new Error(`${url}: not the file that is known: its SHA-256 is ${found}, expected ${digest}`);
  }
  await mkdir(target, { recursive: true });
  try {
    await extract({ file, cwd: target, strip, strict: true });
  } catch (error) {
    throw new Error(`${url}: not a whole tar.gz file: ${messageOf(error)}`, { cause: error });
  }
}
