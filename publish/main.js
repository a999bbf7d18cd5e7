import { runProgram } from '../dist/cli/run-program.js';
import { resultsProgram } from './program.js';

await runProgram(resultsProgram());
