import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { discard } from './discard.js';
import { writeError } from '../system-error.js';

/**
 * Writes a file atomically: to a temporary file beside it, which is then renamed.
 * @throws {SoapBenchError} If the system refuses. The old file is then unchanged.
 */
export function writeFileAtomic(path: string, text: string): void {
  const staging = `${path}.${process.pid}.tmp`;
  try {
    writeFileSynced(staging, text);
    renameSync(staging, path);
    syncFolder(dirname(path));
  } catch (error) {
    discard(staging);
    throw writeError(path, error);
  }
}

/** Writes a file and flushes it to disk. */
export function writeFileSynced(path: string, text: string): void {
  const file = openSync(path, 'w');
  try {
    // Unlike writeSync, it continues after a partial write.
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Flushes a folder's entries to disk, without which a rename does not survive a crash of the machine. */
export function syncFolder(path: string): void {
  // Windows cannot flush folders.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
