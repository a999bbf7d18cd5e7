import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';

/** Writes a file whole or not at all: beside its place first, then renamed into it. */
export function writeFileAtomic(path: string, text: string): void {
  const staging = `${path}.${process.pid}.tmp`;
  const file = openSync(staging, 'w');
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(staging, path);
}
