import { Command, CommanderError } from 'commander';
import { describe, it, expect, vi } from 'vitest';
import { registerCompare } from '../../src/cli/commands/compare.js';
import { SoapBenchError } from '../../src/errors.js';
import { experimentDirectory, quickstartSketch } from './helpers.js';

/** Runs `soap-bench compare …` in this process and returns its stdout. */
async function compare(...words: string[]): Promise<string> {
  let written = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
  try {
    const program = new Command('soap-bench').exitOverride().configureOutput({ writeErr: () => undefined });
    registerCompare(program);
    for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
    await program.parseAsync(['compare', ...words], { from: 'user' });
  } finally {
    spy.mockRestore();
  }
  return written;
}

describe('soap-bench compare', () => {
  it('prints table, headline and plot', async () => {
    const directory = experimentDirectory(quickstartSketch());
    expect(await compare(directory)).toMatch(/val loss +to target[^]*soap reached adamw's final loss[^]*nats a token/);
    expect(await compare(directory, '--no-plot')).not.toContain('nats a token');
  });

  it('compares at another target', async () => {
    const text = await compare(experimentDirectory(quickstartSketch()), '--target', '5.5', '--no-plot');
    expect(text).toContain('soap reached a validation loss of 5.5 in ');
  });

  it('prints one JSON document', async () => {
    const directory = experimentDirectory(quickstartSketch());
    const document = JSON.parse(await compare(directory, '--json', '--target', '4.7')) as Record<string, unknown>;
    expect(document).toMatchObject({ directory, target: 4.7, target_is: 'number', baseline: 'adamw' });
    expect(document.headline).toContain('the baseline adamw did not reach it');
    expect(document.rows).toMatchObject([
      { label: 'adamw', reached: false, steps_to_target: 'inf' },
      { label: 'shampoo', reached: false },
      { label: 'soap', reached: true, steps_ratio: null },
    ]);
  });

  it('refuses a target that is no loss, and a directory that is no experiment', async () => {
    const directory = experimentDirectory(quickstartSketch());
    for (const word of ['fast', '0', '-1', 'Infinity', '']) {
      await expect(compare(directory, `--target=${word}`)).rejects.toThrow(CommanderError);
    }
    await expect(compare(`${directory}/runs`)).rejects.toThrow(SoapBenchError);
  });
});
