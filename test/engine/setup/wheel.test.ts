import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readdirSync, realpathSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runCommand } from '../../../src/engine/setup/command.js';
import { installNativeEngine } from '../../../src/engine/setup/install.js';
import { inspectTools } from '../../../src/engine/setup/system.js';
import { wheelWay } from '../../../src/engine/setup/wheel.js';
import { fakeCheckout, fakeProbe, napi, put, recordingProgress, temporaryFolder } from './fixtures.js';

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
fs.writeFileSync('lib/napi-v${napi}/tfjs_binding.node', 'good 2.21.0' + cuda);
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
    const result = await installNativeEngine({ root, cacheDir, probe: fakeProbe, ways: [wheelWay('cpu', {})] });
    expect(result.tensorflow_version).toBe('2.21.0');
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
    await wheel(index, 'nvidia_cuda_runtime_cu12', '12.6.1', [
      'nvidia/cuda_runtime/lib/libcudart.so.12',
      'nvidia/cuda_runtime/include/cuda.h',
      'nvidia/cuda_runtime/__init__.py',
      'nvidia/cusolver/lib/libcusolver.so.11',
      'nvidia/cublas/lib/libcublas.so.12',
      'nvidia/cuda_nvcc/bin/ptxas',
      'nvidia/cuda_nvcc/nvvm/bin/cicc',
      'nvidia/cuda_nvcc/nvvm/lib64/libnvvm.so',
      'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc',
    ]);
    packageIndex(index);
    const { root, cacheDir } = await checkoutWithCompiler();
    const ways = [wheelWay('gpu', {})];
    const result = await installNativeEngine({ root, cacheDir, probe: fakeProbe, variant: 'gpu', ways });
    expect(result.is_gpu).toBe(true);
    const deps = join(result.cache_entry!, 'deps');
    expect(existsSync(join(deps, 'lib/libnvvm.so'))).toBe(true);
    // Where XLA looks, from the folder of TensorFlow's libraries.
    const nvcc = `${deps}/lib/../nvidia/cuda_nvcc`;
    for (const tool of ['bin/ptxas', 'nvvm/bin/cicc']) accessSync(`${nvcc}/${tool}`, constants.X_OK);
    expect(existsSync(`${nvcc}/nvvm/libdevice/libdevice.10.bc`)).toBe(true);
    const files = readdirSync(join(deps, 'site-packages/nvidia'), { recursive: true }).map(String);
    expect(files.filter((file) => /include|\.py$/.test(file))).toEqual([]);

    // A library that is opened through its link finds its neighbour in another project's folder, as NVIDIA's do.
    const [solver, blas] = ['cusolver/lib/libcusolver.so.11', 'cublas/lib/libcublas.so.12'].map((file) =>
      realpathSync(join(deps, 'site-packages/nvidia', file)),
    );
    const source = join(await temporaryFolder(), 'source.c');
    await put(source, 'int answer(void);\nint ask(void) { return answer(); }');
    await put(`${source}.blas.c`, 'int answer(void) { return 42; }');
    const shared = ['-shared', '-fPIC', '-o'];
    await runCommand('cc', [...shared, blas!, `${source}.blas.c`, '-Wl,-soname,libcublas.so.12']);
    await runCommand('cc', [...shared, solver!, source, blas!, '-Wl,-rpath,$ORIGIN/../../cublas/lib']);
    const open = `import ctypes, sys; print(ctypes.CDLL(sys.argv[1]).ask())`;
    expect((await runCommand('python3', ['-c', open, join(deps, 'lib/libcusolver.so.11')])).trim()).toBe('42');
  });

  it.skipIf(process.arch !== 'x64')('takes only the wheel that is known, where one is', async () => {
    const index = await temporaryFolder();
    await wheel(index, 'tensorflow_cpu', '2.21.0', tensorflowFiles);
    packageIndex(index);
    const { root, cacheDir } = await checkoutWithCompiler();
    const options = { root, cacheDir, probe: fakeProbe };
    const bytes = await readFile(join(index, 'tensorflow_cpu-2.21.0-py3-none-any.whl'));
    const right = { 'tensorflow-cpu linux-x64': createHash('sha256').update(bytes).digest('hex') };
    await expect(installNativeEngine({ ...options, ways: [wheelWay('cpu')] })).rejects.toThrow(/HASH/i);
    expect((await installNativeEngine({ ...options, ways: [wheelWay('cpu', right)] })).tensorflow_version).toBe(
      '2.21.0',
    );
  });

  it('says that make is missing before it downloads anything', async () => {
    const tools = await temporaryFolder();
    for (const name of ['python3', 'c++']) {
      const found = (await runCommand('sh', ['-c', `command -v ${name}`])).trim();
      await put(join(tools, name), `#!/bin/sh\nexec env PATH='${process.env.PATH ?? ''}' '${found}' "$@"\n`);
      await chmod(join(tools, name), 0o755);
    }
    for (const name of ['env', 'sh']) await symlink(`/usr/bin/${name}`, join(tools, name));
    const { root, cacheDir } = await checkoutWithCompiler();
    vi.stubEnv('PATH', tools);
    const progress = recordingProgress();
    await expect(
      installNativeEngine({ root, cacheDir, probe: fakeProbe, ways: [wheelWay('cpu', {})], progress }),
    ).rejects.toThrow(/compiling the addon needs make, not found here/);
    expect(progress.stages.filter((stage) => stage.startsWith('downloading'))).toEqual([]);
  });

  it('runs nothing that lies in the current folder', async () => {
    const index = await temporaryFolder();
    await wheel(index, 'tensorflow_cpu', '2.21.0', tensorflowFiles);
    packageIndex(index);
    const { root, cacheDir } = await checkoutWithCompiler();
    const here = await temporaryFolder();
    for (const name of ['pip', 'glob', 'zipfile', 'runpy', 'sitecustomize', 'usercustomize']) {
      await put(join(here, `${name}.py`), `open(${JSON.stringify(join(here, 'was-run'))}, 'w')`);
    }
    vi.stubEnv('PYTHONPATH', '.');
    const before = process.cwd();
    process.chdir(here);
    onTestFinished(() => {
      process.chdir(before);
    });
    expect((await inspectTools()).pip).toMatch(/^pip \d/);
    const way = process.arch === 'x64' ? [wheelWay('cpu', {})] : [];
    if (way.length > 0) await installNativeEngine({ root, cacheDir, probe: fakeProbe, ways: way });
    expect(existsSync(join(here, 'was-run'))).toBe(false);
  });

  it("reports pip's reason when the index has no such wheel", async () => {
    packageIndex(await temporaryFolder());
    const { root, cacheDir } = await checkoutWithCompiler();
    const options = { root, cacheDir, probe: fakeProbe, ways: [wheelWay('cpu', {})] };
    await expect(installNativeEngine(options)).rejects.toThrow(/Could not find a version that satisfies.*2\.21\.0/);
  });

  it('says that Python is missing', async () => {
    const { root, cacheDir } = await fakeCheckout();
    vi.stubEnv('PATH', await temporaryFolder());
    const options = { root, cacheDir, probe: fakeProbe, ways: [wheelWay('cpu', {})] };
    await expect(installNativeEngine(options)).rejects.toThrow(
      /compiling the addon needs python3, make, a C\+\+ compiler/,
    );
  });
});
