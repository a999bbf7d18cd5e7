import { Command } from 'commander';
import { packageVersion } from '../own-package.js';
import { registerCancel } from './cancel.js';
import { registerCollect } from './collect.js';
import { registerCompare } from './compare.js';
import { registerCompletion } from './completion.js';
import { registerConfig } from './config.js';
import { registerData } from './data.js';
import { registerDoctor } from './doctor.js';
import { registerInit } from './init.js';
import { registerList } from './list.js';
import { registerOptimizers } from './optimizers.js';
import { registerQuery } from './query.js';
import { registerReport } from './report.js';
import { registerRemove } from './rm.js';
import { registerReproduce } from './reproduce.js';
import { registerResume } from './resume.js';
import { registerRun } from './run.js';
import { registerSetup } from './setup.js';
import { registerShow } from './show.js';
import { registerStatus } from './status.js';
import { registerTask } from './task.js';
import { registerTime } from './time.js';
import { registerValidate } from './validate.js';
import { registerVerify } from './verify.js';
import { registerWatch } from './watch.js';
import { commanderOutput } from './output.js';
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
