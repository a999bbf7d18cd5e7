import { Command } from 'commander';
import { packageVersion } from '../own-package.js';
import { registerCancel } from './commands/cancel.js';
import { registerCollect } from './commands/collect.js';
import { registerCompare } from './commands/compare.js';
import { registerCompletion } from './commands/completion.js';
import { registerConfig } from './commands/config.js';
import { registerData } from './commands/data.js';
import { registerDoctor } from './commands/doctor.js';
import { registerInit } from './commands/init.js';
import { registerList } from './commands/list.js';
import { registerOptimizers } from './commands/optimizers/optimizers.js';
import { registerQuery } from './commands/query.js';
import { registerReport } from './commands/report.js';
import { registerRemove } from './commands/rm.js';
import { registerReproduce } from './commands/reproduce/reproduce.js';
import { registerResume } from './commands/resume.js';
import { registerRun } from './commands/run.js';
import { registerSetup } from './commands/setup.js';
import { registerShow } from './commands/show.js';
import { registerStatus } from './commands/status.js';
import { registerTask } from './commands/task.js';
import { registerTime } from './commands/time.js';
import { registerValidate } from './commands/validate.js';
import { registerVerify } from './commands/verify.js';
import { registerWatch } from './commands/watch.js';
import { commanderOutput } from './terminal/output.js';
import { runProgram } from './run-program.js';

const program = new Command('soap-bench')
  .description('Which optimizer reaches the target loss first? Trains small GPTs and answers with numbers.')
  .version(packageVersion())
  .configureOutput(commanderOutput)
  .showHelpAfterError('(run with --help for the usage)')
  .exitOverride();

registerRun(program);
registerInit(program);
registerReproduce(program);
registerResume(program);
registerStatus(program);
registerCancel(program);
registerCollect(program);
registerTask(program);
registerList(program);
registerShow(program);
registerRemove(program);
registerCompare(program);
registerQuery(program);
registerTime(program);
registerReport(program);
registerWatch(program);
registerValidate(program);
registerConfig(program);
registerOptimizers(program);
registerData(program);
registerVerify(program);
registerSetup(program);
registerDoctor(program);
registerCompletion(program);

await runProgram(program);
