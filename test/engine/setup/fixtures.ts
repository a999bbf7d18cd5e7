import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create } from 'tar';
import { onTestFinished } from 'vitest';
import type { InstallOptions } from '../../../src/engine/setup/install.js';
import type { SetupProgress } from '../../../src/engine/setup/progress.js';
import type { Way } from '../../../src/engine/setup/way.js';

export const napi = 8;

/** A machine that has all that building needs; asking the real one takes seconds. */
export const inspect = () =>
  Promise.resolve({
    python: 'Python 3.11',
    pip: 'pip 23',
    compiler: 'c++ 12',
    make: 'GNU Make 4',
    nvidia_driver: null,
  });

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'soap-bench-setup-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file together with its folders. */
export async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** A checkout whose node_modules holds a package that looks like @tensorflow/tfjs-node-gpu and cannot do anything. */
export async function fakeCheckout(): Promise<{ root: string; cacheDir: string; packageDir: string }> {
  const folder = await temporaryFolder();
  const root = join(folder, 'checkout');
  const packageDir = join(root, 'node_modules/@tensorflow/tfjs-node-gpu');
  const description = { name: '@tensorflow/tfjs-node-gpu', version: '4.22.0', binary: { napi_versions: [3, napi] } };
  await put(join(root, 'package.json'), '{}');
  await put(join(packageDir, 'package.json'), JSON.stringify(description));
  await put(join(packageDir, 'binding.gyp'), '{}');
  await put(join(packageDir, 'binding/tfjs_binding.cc'), '');
  await put(join(packageDir, 'dist/index.js'), '');
  return { root, cacheDir: join(folder, 'cache'), packageDir };
}

/** Stands for loading the engine: an addon whose text starts with «good» works and tells the rest as its version. */
export const fakeProbe: NonNullable<InstallOptions['probe']> = async (packageDir) => {
  const addon = join(packageDir, `lib/napi-v${napi}/tfjs_binding.node`);
  if (!existsSync(addon)) throw new Error('the addon is missing');
  if (!existsSync(join(packageDir, 'deps/lib/libtensorflow.so'))) throw new Error('libtensorflow is missing');
  const text = await readFile(addon, 'utf8');
  if (!text.startsWith('good')) throw new Error('undefined symbol: TF_Version');
  return { tensorflow_version: versionOf(text), is_gpu: text.includes('gpu') };
};

const versionOf = (addon: string) => addon.replaceAll(/^good | gpu$/g, '').replaceAll(' ', '-');

/** A way that writes a tiny addon and library; `before` runs in the middle of it. */
export function fakeWay(addon: string, options: { variant?: 'cpu' | 'gpu'; before?: () => Promise<void> } = {}): Way {
  return {
    name: `fake ${addon}`,
    tensorflowVersion: versionOf(addon),
    variant: options.variant ?? 'cpu',
    async build({ staged }) {
      await put(join(staged.dir, 'deps/lib/libtensorflow.so'), 'library');
      await options.before?.();
      await put(join(staged.dir, `lib/napi-v${napi}/tfjs_binding.node`), addon);
    },
  };
}

/** A way that cannot work here. */
export function failingWay(reason: string): Way {
  const build = (): Promise<void> => Promise.reject(new Error(reason));
  return { name: 'hopeless', tensorflowVersion: '0', variant: 'cpu', build };
}

/** Remembers the stages. */
export function recordingProgress(): SetupProgress & { stages: string[] } {
  const stages: string[] = [];
  return { stages, stage: (text) => stages.push(text), download: () => undefined };
}

/** A tar.gz of these files, as bytes, the same every time. */
export async function tarball(files: Record<string, string>): Promise<Buffer> {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await put(join(folder, 'content', name), text);
  const file = join(folder, 'archive.tar.gz');
  const always = { portable: true, mtime: new Date(0) };
  await create({ gzip: true, ...always, cwd: join(folder, 'content'), file }, await readdir(join(folder, 'content')));
  return readFile(file);
}

/** A server on this machine; returns its address with a slash at the end. */
export async function serve(listener: RequestListener, host = '127.0.0.1'): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://${host}:${(server.address() as AddressInfo).port}/`;
}
