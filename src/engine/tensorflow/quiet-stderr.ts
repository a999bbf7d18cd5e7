import { closeSync, fstatSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Runs `action` with file descriptor 2 redirected to the null device. TensorFlow prints a few lines before its log level takes
 * effect, and nothing else can stop them.
 *
 * Only terminals and pipes are redirected. A log file would lose the position that it may share with stdout when reopened.
 */
export function withQuietStderr<T>(action: () => T): T {
  if (process.platform === 'win32' || !canBeReopened(2)) return action();
  let original: number;
  try {
    original = openSync('/dev/fd/2', 'a');
  } catch {
    return action(); // Not ours to open (after `su`, for example): noise is better than no engine.
  }
  point(2, '/dev/null');
  try {
    return action();
  } finally {
    point(2, `/dev/fd/${original}`);
    closeSync(original);
  }
}

function canBeReopened(descriptor: number): boolean {
  return isatty(descriptor) || fstatSync(descriptor).isFIFO();
}

/** Points a descriptor at a path. The freed descriptor is the lowest free number, so the next open gets it. */
function point(descriptor: number, path: string): void {
  closeSync(descriptor);
  openSync(path, 'a');
}
