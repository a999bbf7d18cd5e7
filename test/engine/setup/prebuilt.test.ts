import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { installNativeEngine } from '../../../src/engine/setup/install.js';
import { prebuiltWay } from '../../../src/engine/setup/prebuilt.js';
import { fakeCheckout, fakeProbe, inspect, napi, put, serve, tarball } from './fixtures.js';
import { createHash } from 'node:crypto';
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
const addon = (): Promise<Buffer> => tarball({ [`napi-v${napi}/tfjs_binding.node`]: 'good 2.9.1' });

async function install(env: NodeJS.ProcessEnv, checkout?: Awaited<ReturnType<typeof fakeCheckout>>, known?: Buffer) {
  const { root, cacheDir } = checkout ?? (await fakeCheckout());
  const digest = createHash('sha256')
    .update(known ?? (await library()))
    .digest('hex');
  const ways = [prebuiltWay('cpu', env, { 'cpu-linux-x86_64': digest })];
  return installNativeEngine({ root, cacheDir, probe: fakeProbe, inspect, ways });
}

describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('prebuiltWay', () => {
  it('takes library and addon from the storage', async () => {
    const whole = await library();
    const url = await storage({ [libraryPath]: whole, [addonPath]: await addon() });
    const result = await install({ TFJS_NODE_CDN_STORAGE: url }, undefined, whole);
    expect(result.tensorflow_version).toBe('2.9.1');
  });

  it('takes the library from another mirror when one is named', async () => {
    const mirror = await storage({ '/mirror-cpu-linux-x86_64-2.9.1.tar.gz': await library() });
    const url = await storage({ [addonPath]: await addon() });
    const env = { TFJS_NODE_CDN_STORAGE: url, TFJS_NODE_BASE_URI: `${mirror}mirror-` };
    expect((await install(env)).tensorflow_version).toBe('2.9.1');
  });

  it('reports a missing library', async () => {
    const url = await storage({});
    await expect(install({ TFJS_NODE_CDN_STORAGE: url })).rejects.toThrow(/2\.9\.1\.tar\.gz: the server answers 404/);
  });

  it('reports a library that is cut short', async () => {
    const whole = await library();
    const cut = whole.subarray(0, whole.length - 40);
    const url = await storage({ [libraryPath]: cut, [addonPath]: await addon() });
    await expect(install({ TFJS_NODE_CDN_STORAGE: url }, undefined, cut)).rejects.toThrow(/not a whole tar\.gz file/);
  });

  it('reports a page of HTML that a firewall sends instead', async () => {
    const page = Buffer.from('<html>Blocked</html>');
    const url = await storage({ [libraryPath]: page, [addonPath]: page });
    await expect(install({ TFJS_NODE_CDN_STORAGE: url })).rejects.toThrow(/not the file that is known/);
    await expect(install({ TFJS_NODE_CDN_STORAGE: url }, undefined, page)).rejects.toThrow(/not a whole tar\.gz file/);
  });

  it('refuses another file than the known one, and one that loads as another version', async () => {
    const other = await tarball({ 'lib/libtensorflow.so': 'another library' });
    const url = await storage({ [libraryPath]: other, [addonPath]: await addon() });
    await expect(install({ TFJS_NODE_CDN_STORAGE: url })).rejects.toThrow(/not the file that is known: its SHA-256 is/);
    const newer = await tarball({ [`napi-v${napi}/tfjs_binding.node`]: 'good 2.21.0' });
    const whole = await library();
    const wrong = await storage({ [libraryPath]: whole, [addonPath]: newer });
    await expect(install({ TFJS_NODE_CDN_STORAGE: wrong }, undefined, whole)).rejects.toThrow(
      /it is TensorFlow 2\.21\.0, not 2\.9\.1/,
    );
  });

  it('takes nothing over plain http, but from this machine', async () => {
    const env = { TFJS_NODE_CDN_STORAGE: 'http://mirror.example/' };
    await expect(install(env)).rejects.toThrow(/http:\/\/ can be changed on the way, expected https/);
  });

  it('says that a compiler is missing before it fetches the library', async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(404).end();
    });
    vi.stubEnv('CXX', '/nowhere/c++');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    await expect(install({ TFJS_NODE_CDN_STORAGE: url })).rejects.toThrow(
      /the server answers 404; compiling the addon needs a C\+\+ compiler/,
    );
    expect(asked).toEqual([addonPath]);
  });

  it('builds the addon when there is no prebuilt one', async () => {
    const checkout = await fakeCheckout();
    await put(
      join(checkout.root, 'node_modules/@mapbox/node-pre-gyp/bin/node-pre-gyp'),
      `const fs = require('fs');
       if (!fs.existsSync('deps/include/tensorflow/c/c_api.h')) throw new Error('no headers');
       fs.mkdirSync('lib/napi-v${napi}', { recursive: true });
       fs.writeFileSync('lib/napi-v${napi}/tfjs_binding.node', 'good 2.9.1');`,
    );
    const url = await storage({ [libraryPath]: await library() });
    expect((await install({ TFJS_NODE_CDN_STORAGE: url }, checkout)).tensorflow_version).toBe('2.9.1');
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
