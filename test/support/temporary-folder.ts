import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Memory that is used as a disk: what is flushed to it costs nothing. */
const memory = '/dev/shm';
const neededBytes = 2 ** 31;

/** Gives a test run a temporary folder of its own, in memory where there is room, and takes all of it away at the end. */
export default function setup(): (() => void) | undefined {
  // Called once a project; the processes of all projects get the folder by the environment.
  if (process.env.SOAP_BENCH_TEST_FOLDER !== undefined) return undefined;
  const folder = mkdtempSync(join(hasRoom(memory) ? memory : tmpdir(), 'soap-bench-test-'));
  process.env.SOAP_BENCH_TEST_FOLDER = folder;
  process.env.TMPDIR = folder;
  return () => {
    rmSync(folder, { recursive: true, force: true });
  };
}

function hasRoom(place: string): boolean {
  if (!existsSync(place)) return false;
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize >= neededBytes;
}
