import { Command, CommanderError } from 'commander';
import { reportError } from '../dist/cli/output.js';
import { exitCodes } from '../dist/errors.js';
import { registerFullsize } from './fullsize.js';
import { registerLinalg } from './linalg.js';
import { registerProfile } from './profile.js';
import { registerStartup } from './startup.js';
import { registerStep } from './step.js';

const program = new Command('npm run bench --')
  .description('How fast soap-bench is, beside PyTorch on the same machine in the same run.')
  .showHelpAfterError('(run with --help for the usage)')
  .exitOverride();

registerStep(program);
registerProfile(program);
registerLinalg(program);
registerStartup(program);
registerFullsize(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  } else {
    process.exitCode = reportError(error, { json: process.argv.includes('--json') });
  }
}
