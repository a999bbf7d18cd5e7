import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installNativeEngine } from '../../../src/engine/setup/install.js';
import { fakeCheckout, fakeProbe, fakeWay } from './fixtures.js';

/** The built installer, for a process of its own. */
const installer = new URL('../../../dist/engine/setup/install.js', import.meta.url).href;

describe('a setup that is killed', () => {
  it('leaves nothing published, and the next one cleans up and succeeds', async () => {
    const { root, cacheDir, packageDir } = await fakeCheckout();
    const script = `
      import { installNativeEngine } from ${JSON.stringify(installer)};
      import { mkdirSync, writeFileSync } from 'node:fs';
      async function build({ staged }) {
        mkdirSync(staged.dir + '/deps');
        writeFileSync(staged.dir + '/deps/half', 'half of a library');
        console.log('in the middle');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      }
      const ways = [{ name: 'slow', tensorflowVersion: 'one', variant: 'cpu', build }];
      await installNativeEngine({ root: ${JSON.stringify(root)}, cacheDir: ${JSON.stringify(cacheDir)}, ways });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // One that ends by itself says nothing, and fails here instead of being waited for.
    const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
    expect(String(said)).toBe('in the middle\n');
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
