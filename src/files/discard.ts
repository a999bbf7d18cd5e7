import { rmSync } from 'node:fs';

/** Removes what is left of a failed attempt, where the system lets us: it is the attempt's own failure that is told. */
export function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // What refused the attempt refuses this, too.
  }
}
