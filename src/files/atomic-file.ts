import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { discard } from './discard.js';
import { writeError } from '../system-error.js';

/**
 * Writes a file whole or not at all: beside its place first, then renamed into it.
 * @throws {SoapBenchError} When the system refuses; what was there before is still there.
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

/** Writes a file and waits until the disk has it. */
export function writeFileSynced(path: string, text: string): void {
  const file = openSync(path, 'w');
  try {
    // Unlike writeSync it goes on after a part was written.
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Waits until the disk has a folder's names: a rename is only then safe from a crash of the machine. */
export function syncFolder(path: string): void {
  // Windows has no such call for folders.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
