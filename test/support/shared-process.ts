import { afterAll } from 'vitest';
import { stopSignals } from '../../src/run/stop-signals.js';

/*
 * Unit tests of many files share a process, so that each module is loaded once. Every file leaves the process as it found
 * it: the current folder, the variables, and who listens to signals (commands do while they train).
 */
const folder = process.cwd();
const variables = { ...process.env };
const listeners = stopSignals.map((signal) => [signal, process.listeners(signal)] as const);

afterAll(() => {
  process.chdir(folder);
  for (const name of Object.keys(process.env)) if (!(name in variables)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, variables);
  for (const [signal, earlier] of listeners) {
    for (const listener of process.listeners(signal)) if (!earlier.includes(listener)) process.off(signal, listener);
  }
});
