import { Command } from 'commander';
import { registerFullsize } from './fullsize.js';
import { registerFusing } from './fusing.js';
import { registerLinalg } from './linalg.js';
import { registerProfile } from './profile.js';
import { registerStartup } from './startup.js';
import { registerStep } from './step.js';
import { registerStress } from './stress.js';

/** What `npm run bench` runs. */
export function benchProgram() {
  const program = new Command('npm run bench --')
    .description('How fast soap-bench is, beside PyTorch on the same machine in the same run.')
    .showHelpAfterError('(run with --help for the usage)')
    .exitOverride();

  registerStep(program);
  registerProfile(program);
  registerLinalg(program);
  registerStartup(program);
  registerFullsize(program);
  registerStress(program);
  registerFusing(program);

  return program;
}
