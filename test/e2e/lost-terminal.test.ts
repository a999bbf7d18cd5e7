import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workspace } from './command.js';

let place: Workspace;
beforeAll(() => {
  place = new Workspace();
});
afterAll(() => {
  place.remove();
});

const bin = fileURLToPath(new URL('../../bin/soap-bench.js', import.meta.url));
const oneRun = ['tiny.yaml', '~optimizers.shampoo', '~optimizers.soap', 'train.eval_every=10'];

/** Sends SIGHUP twice, as a shell and the system do, when the run has begun. */
async function hangUp(folder: string, pid: number): Promise<void> {
  const rows = () => existsSync(join(place.path, folder, 'runs/adamw/eval.csv'));
  await expect.poll(rows, { timeout: 60_000, interval: 20 }).toBe(true);
  process.kill(pid, 'SIGHUP');
  process.kill(pid, 'SIGHUP');
}

describe('when the terminal is closed', () => {
  it('a training ends with a checkpoint', async () => {
    const { child, finished } = place.start(['run', ...oneRun, 'train.steps=20000', '--output', 'closed']);
    await hangUp('closed', child.pid!);
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([75, expect.stringContaining('soap-bench resume closed')]);
    expect(place.list('closed', 'runs', 'adamw', 'checkpoints')).toHaveLength(1);
  });

  it('a training under nohup goes on', async () => {
    const log = openSync(join(place.path, 'nohup.out'), 'a');
    const child = spawn('nohup', [process.execPath, bin, 'run', ...oneRun, 'train.steps=200', '--output', 'nohup'], {
      cwd: place.path,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const code = new Promise((resolve) =>
      child.on('exit', (ending, signal) => {
        resolve(ending ?? signal);
      }),
    );
    await hangUp('nohup', child.pid!);
    expect(await code).toBe(0);
  });
});

describe('when nobody reads any more', () => {
  it('a training goes on without output', async () => {
    const { child, finished } = place.start(['run', ...oneRun, '--output', 'unread']);
    child.stdout!.destroy();
    child.stderr!.once('data', () => child.stderr!.destroy());
    expect((await finished).code).toBe(0);
    expect(place.list('unread')).toContain('summary.csv');
  });

  it('a report ends quietly', async () => {
    const { child, finished } = place.start(['config', 'explain']);
    child.stdout!.destroy();
    expect(await finished).toMatchObject({ code: 0, stderr: '' });
  });

  it.runIf(existsSync('/dev/full'))(
    'a result that cannot be written is a failure, whatever comes after it',
    async () => {
      const full = openSync('/dev/full', 'w');
      const output = new URL('../../dist/cli/terminal/output.js', import.meta.url).href;
      const program = `import { outliveReaders, print } from ${JSON.stringify(output)};
      outliveReaders(); print('the result'); process.on('beforeExit', () => (process.exitCode = 0));`;
      const words = ['--input-type=module', '-e', program];
      const child = spawn(process.execPath, words, { stdio: ['ignore', full, 'pipe'] });
      closeSync(full);
      let stderr = '';
      child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect([code, stderr]).toEqual([
        6,
        expect.stringMatching(
          /^error: the result on standard output cannot be written: there is no space left\nhint: .*\n$/,
        ),
      ]);
    },
  );
});

it.runIf(process.platform === 'linux').each([32, 64])(
  'with %i files to open it says so, without a stack',
  async (limit) => {
    const command = `ulimit -n ${limit}; exec "${process.execPath}" "${bin}" config explain`;
    const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, stderr]).toEqual([6, expect.stringMatching(/^error: .*\nhint: .*ulimit -n.*\n$/)]);
  },
);
