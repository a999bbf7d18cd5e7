import { Command } from 'commander';
import { vi } from 'vitest';

/** Runs a command in this process and returns what it wrote to stdout and stderr. */
export async function inProcess(
  register: (program: Command) => void,
  ...words: string[]
): Promise<{ stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  try {
    const program = new Command('soap-bench').exitOverride().configureOutput({ writeErr: () => undefined });
    register(program);
    for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
    await program.parseAsync(words, { from: 'user' });
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return written;
}
