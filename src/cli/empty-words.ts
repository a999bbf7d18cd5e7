import type { Command } from 'commander';
import { SoapBenchError, exitCodes } from '../errors.js';

/**
 * Refuses words of no characters, which name no file, folder or run.
 * @throws {SoapBenchError} `empty_word` naming the option.
 */
export function refuseEmptyWords(command: Command): void {
  const option = command.options.find((one) => command.getOptionValue(one.attributeName()) === '');
  const what = option?.long ?? (command.args.includes('') ? 'a word' : undefined);
  if (what === undefined) return;
  throw new SoapBenchError('empty_word', `${what} of \`${command.name()}\` is empty`, {
    exitCode: exitCodes.usage,
    hint: 'leave it out, or say what is meant; a variable of the shell that is not set leaves nothing',
  });
}
