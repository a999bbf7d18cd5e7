import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * What asks a training to finish its step and end: Ctrl-C, a terminal that is closed, or a system that wants the machine
 * back.
 */
export const stopSignals = ['SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGHUP'] as const;
export type StopSignal = (typeof stopSignals)[number];

export function isStopSignal(name: NodeJS.Signals): boolean {
  return (stopSignals as readonly string[]).includes(name);
}

/**
 * Listens to what asks for an end. A second signal of the same kind is left to the system, which ends the process; but a
 * closed terminal's may come from the shell and from the system, and means the same each time.
 * @param options.patient Whether that holds for all of them.
 */
export function onStopSignal(stop: (name: StopSignal) => void, { patient = false } = {}): void {
  for (const name of stopSignals) {
    const listen = () => {
      stop(name);
    };
    if (name === 'SIGHUP' && outlivesTerminal()) continue;
    if (patient || name === 'SIGHUP') process.on(name, listen);
    else process.once(name, listen);
  }
}

/** Under nohup a terminal that is closed ends nothing: Node.js forgets at its start that the signal was to be ignored. */
export function ignoreHangupsUnderNohup(): void {
  if (outlivesTerminal()) ignoreHangups();
}

export function ignoreHangups(): void {
  process.on('SIGHUP', () => undefined);
}

/** What nohup leaves behind: its name as the last command of the shell, a standard input that cannot be read, nohup.out. */
export function outlivesTerminal(env = process.env, descriptors = '/proc/self'): boolean {
  return (
    basename(env._ ?? '') === 'nohup' ||
    isWriteOnly(`${descriptors}/fdinfo/0`) ||
    ['1', '2'].some((number) => basename(linkOf(`${descriptors}/fd/${number}`)) === 'nohup.out')
  );
}

/** Whether a descriptor was opened for writing alone, by Linux's description of it. */
function isWriteOnly(description: string): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(description, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & 3) === 1;
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
