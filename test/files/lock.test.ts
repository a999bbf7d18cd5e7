import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs, { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { folderHolder, freeFolder, lockFolder } from '../../src/files/lock.js';
import { refuseCalls } from '../support/refused-calls.js';

let folder: string;
const children: ChildProcess[] = [];
const module = fileURLToPath(new URL('../../dist/files/lock.js', import.meta.url));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-lock-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** A process that takes the folder and keeps it. */
async function holder(): Promise<ChildProcess> {
  const program = `import { lockFolder } from ${JSON.stringify(module)};
    lockFolder(${JSON.stringify(folder)}); process.stdout.write('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

const lockFile = () => join(folder, '.lock');
const writeHolder = (changes: object) => {
  const mine = JSON.parse(livingLock()) as object;
  writeFileSync(lockFile(), JSON.stringify({ ...mine, ...changes }));
};
/** The lock that is needed to take one with this content away. */
const secondLock = (gone: string) =>
  join(folder, `.lock.${createHash('sha256').update(gone).digest('hex').slice(0, 16)}`);
/** The content of a lock that is held. */
function livingLock(): string {
  const unlock = lockFolder(folder);
  const text = readFileSync(lockFile(), 'utf8');
  unlock();
  return text;
}
const taking = () => {
  lockFolder(folder)();
};

describe('the lock of a folder', () => {
  it('is there while it is held, and leaves nothing behind', () => {
    const unlock = lockFolder(folder);
    expect(readdirSync(folder)).toEqual(['.lock']);
    unlock();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps others out while its process lives, and tells who it is', async () => {
    const { pid } = await holder();
    expect(taking).toThrow(
      expect.objectContaining({
        code: 'run_in_use',
        exitCode: 6,
        hint: expect.stringContaining(`kill ${pid}`) as string,
      }),
    );
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  it('is taken over from a process that was killed', async () => {
    const child = await holder();
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    expect(taking).not.toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is taken over from a killed process that its parent has not asked for', async () => {
    const { pid } = await holder();
    process.kill(pid!, 'SIGKILL');
    // Node has not had a turn to notice: the process is a zombie, which takes signals.
    while (!readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) continue;
    expect(taking).not.toThrow();
  });

  it('is not mistaken when another process has got the number, or the machine was started again', () => {
    writeHolder({ pid: process.ppid, started: '1' });
    expect(taking).not.toThrow();
    writeHolder({ boot: 'another start' });
    expect(taking).not.toThrow();
  });

  it('of another machine stays, and says how to take it away', () => {
    writeHolder({ host: 'elsewhere' });
    expect(taking).toThrow(
      expect.objectContaining({ hint: expect.stringContaining(`delete ${lockFile()}`) as string }),
    );
    rmSync(lockFile());
    expect(taking).not.toThrow();
  });

  it('of another machine is taken over by the same element of a Slurm array, begun again here', () => {
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    writeHolder({ host: 'elsewhere', element: '12_3' });
    vi.stubEnv('SLURM_ARRAY_JOB_ID', '12');
    vi.stubEnv('SLURM_ARRAY_TASK_ID', '4');
    expect(taking).toThrow(/in use/);
    vi.stubEnv('SLURM_ARRAY_TASK_ID', '3');
    expect(taking).not.toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says who holds the folder, and frees it of one that is known to be gone', async () => {
    expect(folderHolder(folder)).toBeUndefined();
    writeHolder({ pid: process.ppid, started: '1' });
    expect(folderHolder(folder)).toBeUndefined();
    writeHolder({ host: 'elsewhere', element: '12_3' });
    const gone = folderHolder(folder)!;
    expect(gone).toMatchObject({ host: 'elsewhere', element: '12_3' });
    rmSync(lockFile());
    const { pid } = await holder();
    freeFolder(folder, gone);
    expect(folderHolder(folder)).toMatchObject({ pid });
    writeFileSync(lockFile(), JSON.stringify(gone));
    freeFolder(folder, gone);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of another container on this machine stays, and says how to take it away', () => {
    // Its process number is nobody's here, or somebody else's.
    writeHolder({ pid: 4_000_000, namespace: 'pid:[1]' });
    expect(taking).toThrow(/process 4000000 of another container/);
    expect(taking).toThrow(
      expect.objectContaining({ hint: expect.stringContaining(`delete ${lockFile()}`) as string }),
    );
    rmSync(lockFile());
    // Of a version that did not write it down.
    writeHolder({ pid: process.ppid, started: '1', namespace: undefined });
    expect(taking).not.toThrow();
  });

  it('of another container is taken over by the same pod of a Kubernetes job, begun again', () => {
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    writeHolder({ namespace: 'pid:[1]', podIndex: '3' });
    vi.stubEnv('JOB_COMPLETION_INDEX', '4');
    expect(taking).toThrow(/in use/);
    vi.stubEnv('JOB_COMPLETION_INDEX', '3');
    expect(taking).not.toThrow();
  });

  it('is left to the one that is taking it over', () => {
    const living = livingLock();
    writeHolder({ pid: process.ppid, started: '1' });
    const gone = readFileSync(lockFile(), 'utf8');
    writeFileSync(secondLock(gone), living);
    expect(taking).toThrow(expect.objectContaining({ code: 'run_in_use' }));
    expect([readFileSync(lockFile(), 'utf8'), readFileSync(secondLock(gone), 'utf8')]).toEqual([gone, living]);
  });

  it('is not taken away from one that has taken it over meanwhile', () => {
    const living = livingLock();
    writeHolder({ pid: process.ppid, started: '1' });
    const second = secondLock(readFileSync(lockFile(), 'utf8'));
    const link = fs.linkSync;
    vi.spyOn(fs, 'linkSync').mockImplementation((from, to) => {
      // The other one was here between this one's look at the lock and its second lock.
      if (to === second) writeFileSync(lockFile(), living);
      link(from, to);
    });
    syncBuiltinESMExports();
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    expect(taking).toThrow(expect.objectContaining({ code: 'run_in_use' }));
    expect(readFileSync(lockFile(), 'utf8')).toBe(living);
  });

  it('is taken over also when the one that was about to take it over is gone', () => {
    writeHolder({ pid: process.ppid, started: '1' });
    const gone = readFileSync(lockFile(), 'utf8');
    writeFileSync(secondLock(gone), gone);
    expect(taking).not.toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['a folder', mkdirSync],
    [
      'a link to nothing',
      (path: string) => {
        symlinkSync('nothing', path);
      },
    ],
    [
      'a link to itself',
      (path: string) => {
        symlinkSync('.lock', path);
      },
    ],
    [
      'a link to a file',
      (path: string) => {
        symlinkSync('/etc/hostname', path);
      },
    ],
  ])('that is %s is a message', (_, put) => {
    put(lockFile());
    expect(taking).toThrow(expect.objectContaining({ code: 'lock_unusable', exitCode: 6 }));
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  it('that cannot be read stays as well', () => {
    writeFileSync(lockFile(), '{"pid": 1');
    expect(taking).toThrow(/something is writing into it/);
    refuseCalls('readFileSync', 'EACCES', (path) => path === lockFile());
    expect(taking).toThrow(expect.objectContaining({ code: 'lock_unusable' }));
  });

  it('of somebody else is not given back', () => {
    const unlock = lockFolder(folder);
    writeFileSync(lockFile(), 'theirs');
    unlock();
    expect(readFileSync(lockFile(), 'utf8')).toBe('theirs');
  });
});
