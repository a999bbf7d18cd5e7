import { SoapBenchError, exitCodes } from '../dist/errors.js';
import { reportError } from '../dist/cli/terminal/output.js';

/**
 * The body of a measuring process: takes its request from the only argument, and prints what `measure` returns as one line.
 * @template Request
 * @param {(request: Request) => Promise<object>} measure
 */
export async function answer(measure) {
  try {
    const [request] = process.argv.slice(2);
    if (request === undefined) {
      throw new SoapBenchError('usage', 'this is a process of the benchmark: it is not run by hand', {
        exitCode: exitCodes.usage,
        hint: 'npm run bench -- --help',
      });
    }
    process.stdout.write(JSON.stringify(await measure(JSON.parse(request))) + '\n');
  } catch (error) {
    process.exitCode = reportError(error);
  }
}
