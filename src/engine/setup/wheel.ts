import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { messageOf } from '../../errors.js';
import { buildAddon } from './addon.js';
import { runCommand } from './command.js';
import { findPython } from './system.js';
import type { BuildContext, Way } from './way.js';

const tensorflowVersion = '2.21.0';

/**
 * libtensorflow out of TensorFlow's Python wheel, which package mirrors carry where Google's storage is blocked,
 * and the addon built against it. The `gpu` variant takes CUDA from NVIDIA's wheels. Nothing is installed in Python.
 */
export function wheelWay(variant: 'cpu' | 'gpu'): Way {
  const project = variant === 'gpu' || process.arch !== 'x64' ? 'tensorflow' : 'tensorflow-cpu';
  return {
    name: `Python wheel ${project} ${tensorflowVersion}`,
    tensorflowVersion,
    variant,
    async build(context) {
      if (process.platform !== 'linux') throw new Error('the wheel is only known to work on Linux');
      const python = await findPython();
      if (python === null) throw new Error('python3 is not installed');
      const wheels = join(context.scratch, 'wheels');
      await pipDownload(python, [`${project}==${tensorflowVersion}`], wheels, context);
      if (variant === 'gpu') {
        const cuda = (await runCommand(python, ['-c', listCudaWheels, wheels])).trim().split('\n');
        await pipDownload(python, cuda, wheels, context);
      }
      await unpackWheels(python, wheels, context);
      await buildAddon(context);
      await rm(join(context.staged.dir, 'deps/include'), { recursive: true }); // 100 MB that only the build needs
    },
  };
}

async function pipDownload(python: string, what: string[], target: string, context: BuildContext): Promise<void> {
  const { progress, signal } = context;
  progress.stage(`downloading ${what.join(' ')} with pip`);
  const args = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'];
  args.push('--retries', '1', '--timeout', '15', '--dest', target);
  const options = { signal, showOutput: true };
  try {
    await runCommand(python, [...args, ...what], options);
  } catch (error) {
    if (!messageOf(error).startsWith('ERROR: Could not find a version')) throw error;
    // There is no wheel for a Python too old or too new. The libraries inside do not care: take another Python's.
    await runCommand(python, [...args, '--python-version', '3.11', ...what], options).catch(() => {
      throw error;
    });
  }
}

/** Lays out `deps` as binding.gyp and the addon's run path expect it. */
async function unpackWheels(python: string, wheels: string, context: BuildContext): Promise<void> {
  const { scratch, staged, progress, signal } = context;
  progress.stage('unpacking the wheel');
  const unpacked = join(scratch, 'unpacked');
  await runCommand(python, ['-c', unpackLibraries, wheels, unpacked], { signal });
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

/** Keeps NVIDIA's own layout, which its libraries know, and links every library beside libtensorflow. */
async function addCuda(nvidia: string, deps: string): Promise<void> {
  await rename(nvidia, join(deps, 'nvidia'));
  for (const file of await readdir(join(deps, 'nvidia'), { recursive: true })) {
    if (file.includes('/lib/')) await symlink(join('../nvidia', file), join(deps, 'lib', basename(file)));
  }
}

/** Prints the CUDA wheels that TensorFlow's wheel asks for under its extra `and-cuda`, one requirement a line. */
const listCudaWheels = `
import glob, sys, zipfile
with zipfile.ZipFile(glob.glob(sys.argv[1] + '/tensorflow*.whl')[0]) as wheel:
    metadata = next(name for name in wheel.namelist() if name.endswith('.dist-info/METADATA'))
    for line in wheel.read(metadata).decode().splitlines():
        if line.startswith('Requires-Dist: nvidia-') and 'and-cuda' in line:
            print(line.removeprefix('Requires-Dist: ').split(';')[0].strip())
`;

/** Unpacks the libraries of all wheels and TensorFlow's C headers. */
const unpackLibraries = `
import glob, sys, zipfile
headers = tuple('tensorflow/include/' + part for part in ('tensorflow/', 'tsl/', 'xla/'))
for path in glob.glob(sys.argv[1] + '/*.whl'):
    with zipfile.ZipFile(path) as wheel:
        for name in wheel.namelist():
            cuda = name.startswith('nvidia/') and '/lib/' in name and '.so' in name
            library = name.startswith('tensorflow/libtensorflow_') and name.endswith('.so.2')
            if cuda or library or name.startswith(headers):
                wheel.extract(name, sys.argv[2])
`;
