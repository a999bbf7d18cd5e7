import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runCommand } from '../../../src/engine/setup/command.js';
import { installNativeEngine } from '../../../src/engine/setup/install.js';
import { inspectTools } from '../../../src/engine/setup/system.js';
import { wheelWay } from '../../../src/engine/setup/wheel.js';
import { fakeCheckout, fakeProbe, napi, put, temporaryFolder } from './fixtures.js';

const tools = await inspectTools();
const hasPip = process.platform === 'linux' && tools.python !== null && tools.pip !== null;

/** Writes a wheel: a zip with these empty files and METADATA. */
const writeWheel = `
import sys, zipfile
path, metadata, *names = sys.argv[1:]
info = '-'.join(path.split('/')[-1].split('-')[:2]) + '.dist-info/'
with zipfile.ZipFile(path, 'w') as wheel:
    for name in names:
        wheel.writestr(name, 'content of ' + name)
    wheel.writestr(info + 'METADATA', metadata)
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0')
    wheel.writestr(info + 'RECORD', '')
`;

async function wheel(folder: string, name: string, version: string, files: string[], requires = ''): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}-${version}-py3-none-any.whl`);
  const metadata = `Metadata-Version: 2.1\nName: ${name.replaceAll('_', '-')}\nVersion: ${version}\n${requires}`;
  await runCommand('python3', ['-c', writeWheel, path, metadata, ...files]);
}

const tensorflowFiles = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  'tensorflow/include/tensorflow/c/c_api.h',
  'tensorflow/include/xla/x.h',
  'tensorflow/python/unwanted.py',
];

/** Stands for the compiler; writes down what it was given. */
const fakeBuild = `
const fs = require('fs');
for (const file of ['deps/include/tensorflow/c/c_api.h', 'deps/lib/libtensorflow.so', 'binding.gyp'])
  if (!fs.existsSync(file)) throw new Error(file + ' is missing');
fs.mkdirSync('lib/napi-v${napi}', { recursive: true });
const cuda = fs.existsSync('deps/lib/libcudart.so.12') ? ' gpu' : '';
fs.writeFileSync('lib/napi-v${napi}/tfjs_binding.node', 'good' + cuda);
`;

async function checkoutWithCompiler() {
  const checkout = await fakeCheckout();
  await put(join(checkout.root, 'node_modules/@mapbox/node-pre-gyp/bin/node-pre-gyp'), fakeBuild);
  return checkout;
}

function packageIndex(folder: string): void {
  vi.stubEnv('PIP_NO_INDEX', '1');
  vi.stubEnv('PIP_FIND_LINKS', folder);
}

describe.skipIf(!hasPip)('wheelWay', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.skipIf(process.arch !== 'x64')('takes the libraries out of the wheel and builds against them', async () => {
    const index = await temporaryFolder();
    await wheel(index, 'tensorflow_cpu', '2.21.0', tensorflowFiles);
    packageIndex(index);
    const { root, cacheDir } = await checkoutWithCompiler();
    const result = await installNativeEngine({ root, cacheDir, probe: fakeProbe, ways: [wheelWay('cpu')] });
    expect(result.tensorflow_version).toBe('good');
    expect(existsSync(join(result.cache_entry!, 'deps/lib/libtensorflow_cc.so.2'))).toBe(true);
    expect(existsSync(join(result.cache_entry!, 'deps/include'))).toBe(false);
  });

  it('adds the CUDA libraries that TensorFlow asks for', async () => {
    const index = await temporaryFolder();
    const requires =
      'Requires-Dist: numpy>=1.26\n' +
      'Requires-Dist: nvidia-cuda-runtime-cu12<13.0,>=12.5 ; extra == "and-cuda"\n' +
      'Provides-Extra: and-cuda\n';
    await wheel(index, 'tensorflow', '2.21.0', tensorflowFiles, requires);
    await wheel(index, 'nvidia_cuda_runtime_cu12', '12.6.1', ['nvidia/cuda_runtime/lib/libcudart.so.12']);
    packageIndex(index);
    const { root, cacheDir } = await checkoutWithCompiler();
    const result = await installNativeEngine({ root, cacheDir, probe: fakeProbe, ways: [wheelWay('gpu')] });
    expect(result.is_gpu).toBe(true);
    expect(existsSync(join(result.cache_entry!, 'deps/nvidia/cuda_runtime/lib/libcudart.so.12'))).toBe(true);
  });

  it("reports pip's reason when the index has no such wheel", async () => {
    packageIndex(await temporaryFolder());
    const { root, cacheDir } = await checkoutWithCompiler();
    const options = { root, cacheDir, probe: fakeProbe, ways: [wheelWay('cpu')] };
    await expect(installNativeEngine(options)).rejects.toThrow(/Could not find a version that satisfies.*2\.21\.0/);
  });

  it('says that Python is missing', async () => {
    const { root, cacheDir } = await fakeCheckout();
    vi.stubEnv('PATH', await temporaryFolder());
    const options = { root, cacheDir, probe: fakeProbe, ways: [wheelWay('cpu')] };
    await expect(installNativeEngine(options)).rejects.toThrow(/python3 is not installed/);
  });
});
