import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runCommand } from './command.js';
import { compilerCommand } from './system.js';
import type { BuildContext } from './way.js';

/**
 * Compiles the package's addon against the headers and libraries in its `deps`.
 * Needs a C++ compiler, make and Python; about 15 s.
 */
export async function buildAddon({ installed, staged, progress, signal }: BuildContext): Promise<void> {
  progress.stage('building the addon with the C++ compiler');
  const nodePreGyp = createRequire(join(installed.dir, 'package.json')).resolve(
    '@mapbox/node-pre-gyp/bin/node-pre-gyp',
  );
  const headers = nodeHeadersPrefix();
  const args = [nodePreGyp, 'install', '--build-from-source'];
  if (headers !== null) args.push(`--nodedir=${headers}`);
  const env = { ...process.env, CXX: compilerCommand() };
  await runCommand(process.execPath, args, {
    cwd: staged.dir,
    // An old-style run path (RPATH) also applies to libraries that TensorFlow opens later, such as CUDA's.
    env: process.platform === 'linux' ? { ...env, LDFLAGS: '-Wl,--disable-new-dtags' } : env,
    signal,
    timeoutMs: 300_000,
  });
  await rm(join(staged.dir, 'build'), { recursive: true, force: true });
}

/** The folder of this Node's C headers, or null if node-gyp has to download them from nodejs.org. */
export function nodeHeadersPrefix(
  execPath: string = process.execPath,
  version: string = process.version,
): string | null {
  const prefix = dirname(dirname(execPath));
  const file = join(prefix, 'include/node/node_version.h');
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  const part = (name: string): string => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1] ?? '?';
  return `v${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}` === version ? prefix : null;
}
