import { rmSync } from 'node:fs';

/** Removes the leftovers of a failed attempt if possible. Errors are ignored, because the attempt's own error matters. */
export function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // The attempt's own error is reported.
  }
}
