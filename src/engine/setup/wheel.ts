import { chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { buildAddon } from './addon.js';
import { findPython, requireBuildTools, runPython } from './system.js';
import type { BuildContext, Variant, Way } from './way.js';

const tensorflowVersion = '2.21.0';

/** SHA-256 digests of known wheels. For others, pip checks the digest from the package index. */
const knownDigests: Readonly<Record<string, string>> = {
  'tensorflow-cpu linux-x64': '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
};

/**
 * Takes libtensorflow from TensorFlow's Python wheel, which package mirrors offer even if Google's storage is blocked, and
 * builds the addon against it. The `gpu` variant takes CUDA from NVIDIA's wheels. Nothing is installed in Python.
 */
export function wheelWay(variant: Variant, digests = knownDigests): Way {
  const project = variant === 'gpu' || process.arch !== 'x64' ? 'tensorflow' : 'tensorflow-cpu';
  return {
    name: `Python wheel ${project} ${tensorflowVersion}`,
    tensorflowVersion,
    variant,
    async build(context) {
      if (process.platform !== 'linux') throw new Error('the wheel is only known to work on Linux');
      await requireBuildTools();
      const python = (await findPython())!;
      const wheels = join(context.scratch, 'wheels');
      const digest = digests[`${project} ${process.platform}-${process.arch}`];
      await pipDownload(python, [{ name: `${project}==${tensorflowVersion}`, digest }], wheels, context);
      if (variant === 'gpu') {
        const cuda = (await runPython(python, ['-c', listCudaWheels, wheels])).trim().split('\n');
        const requirements = cuda.map((name) => ({ name, digest: undefined }));
        await pipDownload(python, requirements, wheels, context);
      }
      await unpackWheels(python, wheels, context);
      await buildAddon(context);
      await rm(join(context.staged.dir, 'deps/include'), { recursive: true }); // 100 MB that only the build needs
    },
  };
}

interface Requirement {
  name: string;
  /** Required SHA-256 digest in hexadecimal. */
  digest: string | undefined;
}

async function pipDownload(
  python: string,
  requirements: readonly Requirement[],
  target: string,
  { scratch, progress, signal }: BuildContext,
): Promise<void> {
  progress.stage(`downloading ${requirements.map(({ name }) => name).join(' ')} with pip`);
  const list = join(scratch, 'requirements.txt');
  const lines = requirements.map(({ name, digest }) =>
    digest === undefined ? name : `${name} --hash=sha256:${digest}`,
  );
  await writeFile(list, lines.join('\n'));
  const args = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'];
  args.push('--retries', '1', '--timeout', '15', '--dest', target, '--requirement', list);
  if (requirements.every(({ digest }) => digest !== undefined)) args.push('--require-hashes');
  // All Python versions have the same libraries, so one wheel with a known digest is enough.
  args.push('--python-version', '3.11');
  await runPython(python, args, { cwd: scratch, signal, showOutput: true });
}

/** Arranges `deps` as binding.gyp and the addon's run path expect. */
async function unpackWheels(python: string, wheels: string, context: BuildContext): Promise<void> {
  const { scratch, staged, progress, signal } = context;
  progress.stage('unpacking the wheel');
  const unpacked = join(scratch, 'unpacked');
  await runPython(python, ['-c', unpackLibraries, wheels, unpacked], { signal });
  await rm(wheels, { recursive: true });

  const deps = join(staged.dir, 'deps');
  const lib = join(deps, 'lib');
  await mkdir(lib, { recursive: true });
  await rename(join(unpacked, 'tensorflow/include'), join(deps, 'include'));
  const names = { tensorflow_cc: 'libtensorflow.so', tensorflow_framework: 'libtensorflow_framework.so' };
  for (const [name, linkName] of Object.entries(names)) {
    const file = `lib${name}.so.2`;
    await rename(join(unpacked, 'tensorflow', file), join(lib, file));
    await symlink(file, join(lib, linkName));
  }
  if (existsSync(join(unpacked, 'nvidia'))) await addCuda(join(unpacked, 'nvidia'), deps);
}

/**
 * Puts `nvidia` beside TensorFlow's libraries as in Python's site-packages, where TensorFlow finds the libraries and XLA finds
 * ptxas and libdevice. A library that is opened through its link beside TensorFlow looks for others relative to the link, in
 * `../../<project>/lib`, hence the links in `deps`.
 */
async function addCuda(nvidia: string, deps: string): Promise<void> {
  const site = join(deps, 'site-packages');
  await mkdir(site);
  await rename(nvidia, join(site, 'nvidia'));
  await rename(join(deps, 'lib'), join(site, 'tensorflow'));
  await symlink('site-packages/tensorflow', join(deps, 'lib'));
  for (const project of await readdir(join(site, 'nvidia'))) {
    await symlink(join('site-packages/nvidia', project), join(deps, project));
  }
  for (const entry of await readdir(join(site, 'nvidia'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const folder = basename(dirname(file));
    if (folder === 'bin') await chmod(file, 0o755);
    else if (/^lib(64)?$/.test(folder) && /\.so(\.|$)/.test(entry.name)) {
      const link = join(site, 'tensorflow', entry.name);
      if (!existsSync(link)) await symlink(relative(dirname(link), file), link);
    }
  }
}

/** Prints the CUDA wheels that TensorFlow's wheel requires in its extra `and-cuda`, one requirement per line. */
const listCudaWheels = `
import glob, sys, zipfile
with zipfile.ZipFile(glob.glob(sys.argv[1] + '/tensorflow*.whl')[0]) as wheel:
    metadata = next(name for name in wheel.namelist() if name.endswith('.dist-info/METADATA'))
    for line in wheel.read(metadata).decode().splitlines():
        if line.startswith('Requires-Dist: nvidia-') and 'and-cuda' in line:
            print(line.removeprefix('Requires-Dist: ').split(';')[0].strip())
`;

/** Unpacks TensorFlow's C libraries and headers, and NVIDIA's wheels without their headers and Python files. */
const unpackLibraries = `
import glob, sys, zipfile
headers = tuple('tensorflow/include/' + part for part in ('tensorflow/', 'tsl/', 'xla/'))
for path in glob.glob(sys.argv[1] + '/*.whl'):
    with zipfile.ZipFile(path) as wheel:
        for name in wheel.namelist():
            cuda = name.startswith('nvidia/') and not name.endswith('.py') and '/include/' not in name
            library = name.startswith('tensorflow/libtensorflow_') and name.endswith('.so.2')
            if cuda or library or name.startswith(headers):
                wheel.extract(name, sys.argv[2])
`;
