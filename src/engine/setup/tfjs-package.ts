import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm, symlink, unlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { runCommand } from './command.js';

export const packageName = '@tensorflow/tfjs-node-gpu';

/** An unpacked @tensorflow/tfjs-node-gpu. */
export interface TfjsPackage {
  dir: string;
  version: string;
  /** The newest Node-API version that both this Node and the package support; part of the addon's path. */
  napi: number;
}

/** Finds the package from `root`, or null if npm has removed it. */
export function findPackage(root: string): TfjsPackage | null {
  let file: string;
  try {
    file = createRequire(join(root, 'package.json')).resolve(`${packageName}/package.json`);
  } catch {
    return null;
  }
  const { version, binary } = JSON.parse(readFileSync(file, 'utf8')) as {
    version: string;
    binary: { napi_versions: number[] };
  };
  const known = binary.napi_versions.filter((napi) => napi <= Number(process.versions.napi));
  return { dir: dirname(realpathSync(file)), version, napi: Math.max(...known) };
}

/** The package at the version that soap-bench needs, as an npm specifier. */
export function wantedPackage(root: string): string {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    optionalDependencies?: Record<string, string>;
  };
  return `${packageName}@${optionalDependencies?.[packageName] ?? 'latest'}`;
}

/**
 * Restores the package after npm has removed it, as npm does with an optional dependency whose install script failed.
 * It goes into soap-bench's own node_modules with its dependencies below it, so that the surrounding project does not change.
 * It shares only TensorFlow.js with soap-bench.
 */
export async function restorePackage(root: string, signal?: AbortSignal): Promise<TfjsPackage> {
  const wanted = wantedPackage(root);
  const modules = join(root, 'node_modules');
  await mkdir(join(modules, '@tensorflow'), { recursive: true });
  const folder = await mkdtemp(join(modules, '.restoring-'));
  try {
    await npm([
      'install',
      '--prefix',
      folder,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      wanted,
    ]);
    const fetched = join(folder, 'node_modules');
    const restored = join(fetched, packageName);
    await mkdir(join(restored, 'node_modules'), { recursive: true });
    for (const name of await readdir(fetched)) {
      if (name === '@tensorflow' || name.startsWith('.')) continue;
      await cp(join(fetched, name), join(restored, 'node_modules', name), { recursive: true, force: false });
    }
    await rename(restored, join(modules, packageName));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const restored = findPackage(root);
  if (restored === null) throw new Error(`npm did not bring ${wanted}`);
  return restored;

  async function npm(args: string[]): Promise<void> {
    // The npm that started this process, if any.
    const path = process.env.npm_execpath;
    const options = { cwd: folder, signal, timeoutMs: 300_000 };
    if (path?.endsWith('npm-cli.js') === true) await runCommand(process.execPath, [path, ...args], options);
    else await runCommand('npm', args, options);
  }
}

/** Copies the files for building and loading, without links and build products. */
export async function stagePackage(tfjs: TfjsPackage, target: string): Promise<TfjsPackage> {
  const parts = ['binding', 'binding.gyp', 'dist', 'package.json'];
  for (const part of parts) await cp(join(tfjs.dir, part), join(target, part), { recursive: true });
  const nested = join(tfjs.dir, 'node_modules');
  if (existsSync(nested)) await symlink(nested, join(target, 'node_modules'));
  return { ...tfjs, dir: target };
}

/** The node_modules folders in which the package's imports are resolved, for a staged copy. */
export function moduleFolders(tfjs: TfjsPackage): string {
  const folders = createRequire(join(tfjs.dir, 'package.json')).resolve.paths(packageName) ?? [];
  return folders.filter((folder) => existsSync(folder)).join(delimiter);
}

/** Links the package's `lib` and `deps` to a cache entry. Each link is replaced by a rename, so it is never missing. */
export async function linkEntry(tfjs: TfjsPackage, entry: string): Promise<void> {
  for (const name of ['deps', 'lib']) {
    const link = join(tfjs.dir, name);
    const fresh = `${link}.${randomUUID()}`;
    await symlink(join(entry, name), fresh);
    try {
      await rename(fresh, link);
    } catch {
      // A folder from the package's own installer, which did not load or is being replaced.
      await rm(link, { recursive: true, force: true });
      await rename(fresh, link);
    }
  }
}

/** The cache entry that the package links to, or null if it has no links or holds the files itself. */
export function linkedEntry(tfjs: TfjsPackage): string | null {
  if (!existsSync(join(tfjs.dir, 'lib'))) return null;
  const entry = dirname(realpathSync(join(tfjs.dir, 'lib')));
  return entry === tfjs.dir ? null : entry;
}

/** Removes the links, e.g. to an entry that does not load on this machine. */
export async function unlinkEntry(tfjs: TfjsPackage): Promise<void> {
  for (const name of ['lib', 'deps']) await unlink(join(tfjs.dir, name)).catch(() => undefined);
}
