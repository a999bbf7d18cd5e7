import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { cp, rename, rm, symlink, unlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.js';

export const packageName = '@tensorflow/tfjs-node-gpu';

/** The folder of soap-bench itself: this file is three folders below it, in src/ and in dist/. */
export const ownRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** An unpacked @tensorflow/tfjs-node-gpu. */
export interface TfjsPackage {
  dir: string;
  version: string;
  /** The newest Node-API version that both this Node and the package know; part of the addon's path. */
  napi: number;
}

/** Finds the package as seen from `root`, or null when npm has removed it. */
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

/**
 * Puts the package back after npm has removed it: npm 10 deletes an optional dependency whose install script failed.
 * Only a checkout is repaired; a copy that somebody else's package.json manages is theirs.
 */
export async function restorePackage(root: string, signal?: AbortSignal): Promise<TfjsPackage> {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    optionalDependencies?: Record<string, string>;
  };
  const wanted = `${packageName}@${optionalDependencies?.[packageName] ?? 'latest'}`;
  const command = `npm install --no-save --ignore-scripts ${wanted}`;
  if (!existsSync(join(root, 'package-lock.json'))) {
    throw new Error(`${packageName} is not installed, and ${root} is not a checkout; run \`${command}\``);
  }
  const args = [...command.split(' ').slice(1), '--no-audit', '--no-fund', '--prefer-offline'];
  // The npm that started us, if one did, is the one that knows this node_modules.
  const npm = process.env.npm_execpath;
  const options = { cwd: root, signal, timeoutMs: 120_000 };
  if (npm?.endsWith('npm-cli.js') === true) await runCommand(process.execPath, [npm, ...args], options);
  else await runCommand('npm', args, options);
  const restored = findPackage(root);
  if (restored === null) throw new Error(`\`${command}\` did not bring it back`);
  return restored;
}

/** Copies what building and loading need; links and build products stay behind. */
export async function stagePackage(tfjs: TfjsPackage, target: string): Promise<TfjsPackage> {
  const parts = ['binding', 'binding.gyp', 'dist', 'package.json'];
  for (const part of parts) await cp(join(tfjs.dir, part), join(target, part), { recursive: true });
  const nested = join(tfjs.dir, 'node_modules');
  if (existsSync(nested)) await symlink(nested, join(target, 'node_modules'));
  return { ...tfjs, dir: target };
}

/** The node_modules folders that the real package's imports are looked up in: a staged copy needs them too. */
export function moduleFolders(tfjs: TfjsPackage): string {
  const end = tfjs.dir.lastIndexOf(`${sep}node_modules${sep}`);
  return end < 0 ? '' : join(tfjs.dir.slice(0, end), 'node_modules');
}

/** Points the package's `lib` and `deps` at a cache entry. Each link is replaced by a rename, never missing. */
export async function linkEntry(tfjs: TfjsPackage, entry: string): Promise<void> {
  for (const name of ['deps', 'lib']) {
    const link = join(tfjs.dir, name);
    const fresh = `${link}.${randomUUID()}`;
    await symlink(join(entry, name), fresh);
    try {
      await rename(fresh, link);
    } catch {
      // A real folder of the package's own installer, which did not load or is to be replaced.
      await rm(link, { recursive: true, force: true });
      await rename(fresh, link);
    }
  }
}

/** The cache entry that the package's links point at, or null when it holds the files itself. */
export function linkedEntry(tfjs: TfjsPackage): string | null {
  const entry = dirname(realpathSync(join(tfjs.dir, 'lib')));
  return entry === tfjs.dir ? null : entry;
}

/** Removes the links again, e.g. to an entry that does not load on this machine. */
export async function unlinkEntry(tfjs: TfjsPackage): Promise<void> {
  for (const name of ['lib', 'deps']) await unlink(join(tfjs.dir, name)).catch(() => undefined);
}
