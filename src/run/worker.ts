import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { parseExperiment } from '../config/load.js';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';
import { RunDirectory } from './directory.js';
import { executeRun } from './execute.js';
import type { RunMessage } from './messages.js';

/*
 * Entry point of a run's own process: `worker.js <run directory> <dataset folder>`. Its output goes to the run's log; what
 * the parent shows comes as messages.
 */

const [path, dataset] = process.argv.slice(2) as [string, string];
const tell = (message: RunMessage) => process.send?.(message);

// The current step is finished and the run's files are closed before the process ends.
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    stop.abort();
  });
}
// A run whose parent is gone has nobody to report to: it ends like an interrupted one.
process.on('disconnect', () => {
  stop.abort();
});

try {
  const directory = new RunDirectory(path);
  const config = parseExperiment(parse(readFileSync(directory.configFile, 'utf8')));
  const outcome = await executeRun(config, directory, dataset, tell, stop.signal);
  tell({ type: 'outcome', outcome });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  const known = error instanceof SoapBenchError ? error : undefined;
  tell({ type: 'error', code: known?.code ?? 'unexpected', message: messageOf(error), hint: known?.hint });
  process.exitCode = known?.exitCode ?? exitCodes.unexpected;
} finally {
  process.removeAllListeners('disconnect');
  if (process.connected) process.disconnect();
}
