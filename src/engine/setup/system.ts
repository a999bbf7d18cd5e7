import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.js';

/** What the machine offers for building and running the native engine; null means absent. */
export interface SystemTools {
  python: string | null;
  pip: string | null;
  compiler: string | null;
  make: string | null;
  nvidia_driver: string | null;
}

/** Asks each tool for its version. */
export async function inspectTools(): Promise<SystemTools> {
  const python = await findPython();
  const [pythonVersion, pip, compiler, make] = await Promise.all([
    python === null ? null : firstLine(python, ['--version']),
    python === null ? null : firstLine(python, ['-m', 'pip', '--version']),
    firstLine(process.env.CXX ?? 'c++', ['--version']),
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

/** Version of the NVIDIA kernel driver, or null. WSL has the driver on the Windows side. */
export function nvidiaDriver(): string | null {
  const path = '/proc/driver/nvidia/version';
  if (existsSync(path)) return /Kernel Module\D*([\d.]+)/.exec(readFileSync(path, 'utf8'))?.[1] ?? 'unknown version';
  return existsSync('/usr/lib/wsl/lib/libcuda.so.1') ? 'provided by Windows' : null;
}

/** Name of the graphics card as the driver reports it, e.g. 'NVIDIA H100 80GB HBM3'. */
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
    return (await runCommand(command, args, { timeoutMs: 10_000 })).split('\n')[0]!.trim();
  } catch {
    return null; // Absent or broken: for our purposes the same.
  }
}
