import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { installNativeEngine } from '../../../src/engine/setup/install.js';
import { ownRoot } from '../../../src/engine/setup/tfjs-package.js';
import { fakeCheckout, fakeProbe, fakeWay, put, temporaryFolder } from './fixtures.js';

/** The installer as plain JavaScript in a folder of its own, so that a separate process can run what is in src/ now. */
async function compiledInstaller(): Promise<string> {
  const folder = await temporaryFolder();
  const setup = readdirSync(join(ownRoot, 'src/engine/setup')).map((name) => `src/engine/setup/${name}`);
  for (const file of ['src/errors.ts', ...setup]) {
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    const { outputText } = ts.transpileModule(readFileSync(join(ownRoot, file), 'utf8'), { compilerOptions: options });
    await put(join(folder, file.replace(/\.ts$/, '.js')), outputText);
  }
  await put(join(folder, 'package.json'), '{ "type": "module" }');
  await symlink(join(ownRoot, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'src/engine/setup/install.js');
}

describe('a setup that is killed', () => {
  it('leaves nothing published, and the next one cleans up and succeeds', async () => {
    const { root, cacheDir, packageDir } = await fakeCheckout();
    const script = `
      import { installNativeEngine } from ${JSON.stringify(await compiledInstaller())};
      import { mkdirSync, writeFileSync } from 'node:fs';
      async function build({ staged }) {
        mkdirSync(staged.dir + '/deps');
        writeFileSync(staged.dir + '/deps/half', 'half of a library');
        console.log('in the middle');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      }
      const ways = [{ name: 'slow', tensorflowVersion: 'good-one', variant: 'cpu', build }];
      await installNativeEngine({ root: ${JSON.stringify(root)}, cacheDir: ${JSON.stringify(cacheDir)}, ways });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');

    expect(readdirSync(join(cacheDir, 'staging'))).toHaveLength(1);
    expect(existsSync(join(cacheDir, 'native'))).toBe(false);
    expect(existsSync(join(packageDir, 'lib'))).toBe(false);

    const result = await installNativeEngine({ root, cacheDir, ways: [fakeWay('good one')], probe: fakeProbe });
    expect(result.attempts).toEqual([{ way: 'fake good one', ok: true, reason: null }]);
    expect(readdirSync(join(cacheDir, 'staging'))).toEqual([]);
  });
});
