import type { Command } from 'commander';
import { wholeNumber } from '../options.js';
import { note, print, printJson, warn } from '../terminal/output.js';

interface WatchCommandOptions {
  port: number;
  json?: boolean;
}

/** `soap-bench watch`: the report's page, live. */
export function registerWatch(program: Command): void {
  program
    .command('watch')
    .description('serve the page of an experiment, a sweep or a figure, and keep it up to date while its runs go on')
    .argument('<directory>', 'folder of an experiment, a sweep or a figure of the paper')
    .option('--port <number>', 'port on this machine; 0 takes a free one', wholeNumber({ least: 0, most: 65535 }), 7411)
    .option('--json', 'print the address as a JSON document')
    .addHelpText(
      'after',
      `
Examples:
  soap-bench watch results/quickstart/20250131-120000
  soap-bench watch results/frequency/sweep --port 0
  soap-bench watch results/paper/headline

Only this machine can open the page; from elsewhere: ssh -L 7411:localhost:7411
MACHINE. It follows the files of the directory: runs may be stopped, resumed and
begun anew meanwhile, and a page that is open finds this command again when it
is started anew on the same port. Ctrl-C ends it.`,
    )
    .action(async (directory: string, options: WatchCommandOptions) => {
      const { startWatch } = await import('../../watch/server.js');
      const watch = await startWatch(directory, { port: options.port, onTrouble: onceEach(warn) });
      if (options.json === true) printJson({ url: watch.url });
      else print(watch.url);
      if (options.json !== true) note('Ctrl-C ends it.');
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void watch.close());
    });
}

/** A directory that stays unreadable is told of once. */
function onceEach(say: (message: string) => void): (message: string) => void {
  let last = '';
  return (message) => {
    if (message !== last) say(message);
    last = message;
  };
}
