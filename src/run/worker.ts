import { SoapBenchError, exitCodes, messageOf } from '../errors.js';
import { systemError } from '../system-error.js';
import { RunDirectory } from '../results/directory.js';
import { lockFolder } from '../files/lock.js';
import type { RunMessage } from './messages.js';
import { stopSignals } from './stop-signals.js';

/*
 * Entry point of a run's own process: `worker.js <run directory> <dataset folder> <runs at once>`. Its output goes to the run's log; what
 * the parent shows comes as messages.
 */

const [path, dataset, jobs] = process.argv.slice(2) as [string, string, string];
// A parent that is gone hears nothing, which is no failure of the run.
const tell = (message: RunMessage) => process.send?.(message, () => undefined);

// The current step is finished, a checkpoint written and the run's files are closed before the process ends.
const stop = new AbortController();
for (const name of stopSignals) {
  process.on(name, () => {
    // Whether a closed terminal ends anything is for the parent to say, which is told of it as well.
    if (name !== 'SIGHUP') stop.abort();
  });
}
// A run whose parent is gone has nobody to report to: it ends like an interrupted one.
process.on('disconnect', () => {
  stop.abort();
});

try {
  // Takes a while, in which a signal must not end the process.
  const { executeRun } = await import('./execute.js');
  const unlock = lockFolder(path);
  try {
    const directory = new RunDirectory(path);
    const outcome = await executeRun(
      directory.readConfig(),
      directory,
      { dataset, jobs: Number(jobs) },
      tell,
      stop.signal,
    );
    tell({ type: 'outcome', outcome });
  } finally {
    unlock();
  }
} catch (error) {
  const explained = systemError(error);
  const known = explained instanceof SoapBenchError ? explained : undefined;
  // Told before it is logged: a full disk refuses the log as well.
  tell({ type: 'error', code: known?.code ?? 'unexpected', message: messageOf(explained), hint: known?.hint });
  process.exitCode = known?.exitCode ?? exitCodes.unexpected;
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
} finally {
  process.removeAllListeners('disconnect');
  if (process.connected) process.disconnect();
}
