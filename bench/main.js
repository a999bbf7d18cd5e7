import { runProgram } from '../dist/cli/run-program.js';
import { benchProgram } from './program.js';

await runProgram(benchProgram());
