import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SoapBenchError, exitCodes } from '../dist/errors.js';
import { commitText } from '../dist/results/environment.js';

/**
 * @import { Environment } from '../dist/results/environment.js'
 * @import { Provenance } from './provenance.js'
 */

const root = fileURLToPath(new URL('../', import.meta.url));

export const quickstartFile = join(root, 'configs/quickstart.yaml');

/**
 * Runs the real command.
 * @param {readonly string[]} words
 * @throws SoapBenchError `measurement_failed` with what it wrote to stderr.
 */
export async function runCommand(words) {
  const child = spawn(process.execPath, [join(root, 'bin/soap-bench.js'), ...words, '--quiet'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    stderr += text;
  });
  const code = await new Promise((resolve, reject) => {
    child.on('close', resolve);
    child.on('error', reject);
  });
  if (code !== 0) throw failure(`it ended with code ${code}\n${stderr.trimEnd()}`);
}

/**
 * @param {string} run
 * @returns {Provenance}
 */
export function provenanceOfRun(run) {
  const environment = /** @type {Environment} */ (JSON.parse(readFileSync(join(run, 'environment.json'), 'utf8')));
  return {
    measured_at: new Date().toISOString(),
    commit: commitText(environment),
    library: `${environment.engine} ${environment.engine_version}`,
    device: environment.device,
    threads: environment.threads,
  };
}

/** @param {string} reason */
export function failure(reason) {
  return new SoapBenchError('measurement_failed', `the quickstart could not be measured: ${reason}`, {
    exitCode: exitCodes.runsFailed,
    hint: 'see whether `npx soap-bench run configs/quickstart.yaml` works',
  });
}
