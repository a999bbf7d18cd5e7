import { CommanderError, type Command } from 'commander';
import { exitCodes } from '../errors.js';
import { ignoreHangupsUnderNohup } from '../run/stop-signals.js';
import { refuseEmptyWords } from './empty-words.js';
import { outliveReaders, reportError } from './terminal/output.js';

/** Runs the command that this process was called with, and sets the exit code. */
export async function runProgram(program: Command): Promise<void> {
  const json = process.argv.includes('--json');
  outliveReaders();
  ignoreHangupsUnderNohup();
  // What fails outside of every promise, such as a stream, ends here as well.
  process.on('uncaughtException', (error) => {
    process.exit(reportError(error, { json }));
  });
  program.hook('preAction', (_program, command) => {
    refuseEmptyWords(command);
  });
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has already printed its message; help and version end with 0, mistakes with 2.
      process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    } else {
      process.exitCode = reportError(error, { json });
    }
  }
}
