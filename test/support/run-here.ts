import { fileURLToPath } from 'node:url';
import { CommanderError, type Command } from 'commander';
import { writtenDuring } from './written.js';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const inRepository = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

/**
 * Runs a program of the repository in this process, as `node` would run it after the build: most of what a process of its
 * own takes is its start.
 * @param file The module, seen from the repository.
 * @param make The name of the function there that makes the program.
 */
export async function runHere(file: string, make: string, words: readonly string[]): Promise<Finished> {
  const program = (await import(inRepository(file))) as Record<string, () => Command>;
  const { reportError } = (await import(inRepository('dist/cli/terminal/output.js'))) as {
    reportError: (thrown: unknown) => number;
  };
  let code = 0;
  const written = await writtenDuring(async () => {
    try {
      await program[make]!().parseAsync(words, { from: 'user' });
    } catch (error) {
      // commander has said what is wrong itself.
      code = error instanceof CommanderError ? 2 : reportError(error);
    }
  });
  return { code, ...written };
}
