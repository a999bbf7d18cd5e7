import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { runCommand, type CommandOptions } from './command.js';

/** Tools of the machine for building and running the native engine; null if missing. */
export interface SystemTools {
  python: string | null;
  pip: string | null;
  compiler: string | null;
  make: string | null;
  nvidia_driver: string | null;
}

/** A working folder without scripts: the root of the disk. */
const elsewhere = parse(process.execPath).root;

/** Gets the version of each tool. */
export async function inspectTools(): Promise<SystemTools> {
  const python = await findPython();
  const [pythonVersion, pip, compiler, make] = await Promise.all([
    python === null ? null : firstLine(python, ['--version']),
    python === null ? null : firstLine(python, ['-I', '-m', 'pip', '--version']),
    firstLine(compilerCommand(), ['--version']),
    firstLine('make', ['--version']),
  ]);
  return { python: pythonVersion, pip: pip?.split(' from ')[0] ?? null, compiler, make, nvidia_driver: nvidiaDriver() };
}

/** The command that starts Python 3, or null. */
export async function findPython(): Promise<string | null> {
  for (const command of ['python3', 'python']) {
    if ((await firstLine(command, ['--version']))?.startsWith('Python 3') === true) return command;
  }
  return null;
}

/**
 * Runs Python isolated and in another working folder, so that it imports nothing from the current one, which is not trusted.
 * @throws {Error} as `runCommand`.
 */
export function runPython(python: string, args: string[], options: CommandOptions = {}): Promise<string> {
  return runCommand(python, ['-I', ...args], { cwd: elsewhere, ...options });
}

/**
 * Checks in advance that the addon can be compiled.
 * @throws {Error} with everything that is missing.
 */
export async function requireBuildTools(inspect: () => Promise<SystemTools> = inspectTools): Promise<void> {
  const missing = missingBuildTools(await inspect());
  if (missing.length === 0) return;
  throw new Error(`compiling the addon needs ${missing.join(', ')}, not found here (nothing was downloaded)`);
}

/** Lists the tools that compiling the addon needs and the machine lacks. */
export function missingBuildTools({ python, compiler, make }: SystemTools): string[] {
  const needed = { python3: python, make, 'a C++ compiler': compiler };
  return Object.entries(needed).flatMap(([name, found]) => (found === null ? [name] : []));
}

/** Lists the missing build tools, and those for fetching TensorFlow's wheel. */
export function missingTools(tools: SystemTools): string[] {
  return [...missingBuildTools(tools), ...(tools.pip === null ? ['pip'] : [])];
}

/** The C++ compiler: the user's choice, or the system's. */
export function compilerCommand(): string {
  return process.env.CXX ?? 'c++';
}

/** Version of the NVIDIA kernel driver, or null. Under WSL the driver is on the Windows side. */
export function nvidiaDriver(): string | null {
  const path = '/proc/driver/nvidia/version';
  if (existsSync(path)) return /Kernel Module\D*([\d.]+)/.exec(readFileSync(path, 'utf8'))?.[1] ?? 'unknown version';
  return existsSync('/usr/lib/wsl/lib/libcuda.so.1') ? 'provided by Windows' : null;
}

/** Returns true if TensorFlow does not use an NVIDIA driver although the GPU is not hidden from it. */
export function gpuIsUnused(
  { is_gpu, nvidia_driver = nvidiaDriver() }: { is_gpu: boolean; nvidia_driver?: string | null },
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  const hidden = env.CUDA_VISIBLE_DEVICES === '' || env.CUDA_VISIBLE_DEVICES === '-1';
  return nvidia_driver !== null && !is_gpu && !hidden;
}

export const gpuUnusedText =
  'there is an NVIDIA driver, but TensorFlow computes on the CPU; `npx soap-bench setup --gpu` installs the GPU build';

/** The GPU's name as reported by the driver, e.g. 'NVIDIA H100 80GB HBM3'. */
export function gpuName(): string {
  const folder = '/proc/driver/nvidia/gpus';
  if (!existsSync(folder)) return 'NVIDIA GPU';
  const models = readdirSync(folder).map(
    (gpu) => /^Model:\s*(.+)$/m.exec(readFileSync(join(folder, gpu, 'information'), 'utf8'))?.[1] ?? 'NVIDIA GPU',
  );
  return [...new Set(models)].join(', ') || 'NVIDIA GPU';
}

async function firstLine(command: string, args: string[]): Promise<string | null> {
  try {
    return (await runCommand(command, args, { cwd: elsewhere, timeoutMs: 10_000 })).split('\n')[0]!.trim();
  } catch {
    return null; // Absent or broken: for our purposes the same.
  }
}
