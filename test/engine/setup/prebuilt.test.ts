import { describe, expect, it } from 'vitest';
import { installNativeEngine } from '../../../src/engine/setup/install.js';
import { prebuiltWay } from '../../../src/engine/setup/prebuilt.js';
import { fakeCheckout, fakeProbe, napi, put, serve, tarball } from './fixtures.js';
import { join } from 'node:path';

const libraryPath = '/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz';
const addonPath = `/tf-builds/pre-built-binary/napi-v${napi}/4.22.0/GPU-linux-4.22.0.tar.gz`;

/** Google's storage with these files; what is absent is answered with 404. */
async function storage(files: Record<string, Buffer>): Promise<string> {
  return serve((request, response) => {
    const file = files[request.url ?? ''];
    if (file === undefined) response.writeHead(404).end('<Code>NoSuchKey</Code>');
    else response.end(file);
  });
}

const library = (): Promise<Buffer> =>
  tarball({ 'lib/libtensorflow.so': 'library', 'include/tensorflow/c/c_api.h': '' });
const addon = (): Promise<Buffer> => tarball({ [`napi-v${napi}/tfjs_binding.node`]: 'good prebuilt' });

async function install(env: NodeJS.ProcessEnv, checkout?: Awaited<ReturnType<typeof fakeCheckout>>) {
  const { root, cacheDir } = checkout ?? (await fakeCheckout());
  return installNativeEngine({ root, cacheDir, probe: fakeProbe, ways: [prebuiltWay('cpu', env)] });
}

describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('prebuiltWay', () => {
  it('takes library and addon from the storage', async () => {
    const url = await storage({ [libraryPath]: await library(), [addonPath]: await addon() });
    const result = await install({ TFJS_NODE_CDN_STORAGE: url });
    expect(result.tensorflow_version).toBe('good prebuilt');
  });

  it('takes the library from another mirror when one is named', async () => {
    const mirror = await storage({ '/mirror-cpu-linux-x86_64-2.9.1.tar.gz': await library() });
    const url = await storage({ [addonPath]: await addon() });
    const env = { TFJS_NODE_CDN_STORAGE: url, TFJS_NODE_BASE_URI: `${mirror}mirror-` };
    expect((await install(env)).tensorflow_version).toBe('good prebuilt');
  });

  it('reports a missing library', async () => {
    const url = await storage({});
    await expect(install({ TFJS_NODE_CDN_STORAGE: url })).rejects.toThrow(/2\.9\.1\.tar\.gz: the server answers 404/);
  });

  it('reports a library that is cut short', async () => {
    const whole = await library();
    const url = await storage({ [libraryPath]: whole.subarray(0, whole.length - 40), [addonPath]: await addon() });
    await expect(install({ TFJS_NODE_CDN_STORAGE: url })).rejects.toThrow(/not a whole tar\.gz file/);
  });

  it('reports a page of HTML that a firewall sends instead', async () => {
    const url = await storage({ [libraryPath]: Buffer.from('<html>Blocked</html>') });
    await expect(install({ TFJS_NODE_CDN_STORAGE: url })).rejects.toThrow(/not a whole tar\.gz file/);
  });

  it('builds the addon when there is no prebuilt one', async () => {
    const checkout = await fakeCheckout();
    await put(
      join(checkout.root, 'node_modules/@mapbox/node-pre-gyp/bin/node-pre-gyp'),
      `const fs = require('fs');
       if (!fs.existsSync('deps/include/tensorflow/c/c_api.h')) throw new Error('no headers');
       fs.mkdirSync('lib/napi-v${napi}', { recursive: true });
       fs.writeFileSync('lib/napi-v${napi}/tfjs_binding.node', 'good built');`,
    );
    const url = await storage({ [libraryPath]: await library() });
    expect((await install({ TFJS_NODE_CDN_STORAGE: url }, checkout)).tensorflow_version).toBe('good built');
  });

  it('reports why the addon could not be built', async () => {
    const checkout = await fakeCheckout();
    await put(
      join(checkout.root, 'node_modules/@mapbox/node-pre-gyp/bin/node-pre-gyp'),
      `console.error('gyp info ok\\nbinding.cc:3:10: fatal error: node_api.h: No such file\\nnode-pre-gyp ERR! not ok');
       process.exit(1);`,
    );
    const url = await storage({ [libraryPath]: await library() });
    await expect(install({ TFJS_NODE_CDN_STORAGE: url }, checkout)).rejects.toThrow(
      /binding\.cc:3:10: fatal error: node_api\.h: No such file/,
    );
  });
});
