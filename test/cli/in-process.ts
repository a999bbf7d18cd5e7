import { Command } from 'commander';
import { writtenDuring } from '../support/written.js';

/** Runs a command in this process and returns what it wrote to stdout and stderr. */
export function inProcess(
  register: (program: Command) => void,
  ...words: string[]
): Promise<{ stdout: string; stderr: string }> {
  const program = new Command('soap-bench').exitOverride().configureOutput({ writeErr: () => undefined });
  register(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
  return writtenDuring(() => program.parseAsync(words, { from: 'user' }));
}
