import { fileURLToPath } from 'node:url';

const ownFolder = fileURLToPath(new URL('.', import.meta.url));

/** Returns the `file:line:column` in user code that called TensorFlow.js or the compiler, or undefined. */
export function callSite(): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100; // TensorFlow.js alone may take dozens of frames.
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = limit;
  const site = lines.find(
    (line) => /:\d+:\d+\)?$/.test(line) && !/[\\/]@tensorflow[\\/]|\(?node:/.test(line) && !line.includes(ownFolder),
  );
  return site?.replace(/^\s*at (?:.*\()?(?:file:\/\/)?(.*?)\)?$/, '$1');
}
