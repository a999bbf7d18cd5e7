import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const scripts = dirname(fileURLToPath(import.meta.url));

/**
 * The Slurm that start-cluster.sh has started: SLURM_CONF tells where. Never another one: its node is taken down.
 */
export class Cluster {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Undefined where there is none. */
  static find(): Cluster | undefined {
    const file = process.env.SLURM_CONF;
    if (file === undefined || !existsSync(file)) return undefined;
    return readFileSync(file, 'utf8').includes('ClusterName=soap-bench-tests') ? new Cluster(dirname(file)) : undefined;
  }

  run(name: string, ...words: string[]): string {
    return execFileSync(name, words, { encoding: 'utf8' }).trim();
  }

  get node(): string {
    return this.run('sinfo', '--noheader', '--format=%n');
  }

  nodeState(): string {
    return this.run('sinfo', '--noheader', '--format=%t');
  }

  /** States by element, of all that is in the queue. */
  queue(): Map<string, string> {
    const lines = this.run('squeue', '--noheader', '--array', '--format=%i %T')
      .split('\n')
      .filter((line) => line !== '');
    return new Map(lines.map((line) => line.split(' ') as [string, string]));
  }

  /** Slurm lets what is queued again wait for two minutes; tests do not. */
  async letBegin(element: string): Promise<void> {
    // It counts in seconds: what begins again in the one in which it ended is taken for ended, and leaves the queue.
    await sleep(2000);
    this.run('scontrol', 'update', `JobId=${element}`, 'StartTime=now');
  }

  /** Kills the node's daemon as a crash would. What it was running goes on. */
  killNodeDaemon(): void {
    process.kill(Number(readFileSync(join(this.folder, 'slurmd.pid'), 'utf8')), 'SIGKILL');
  }

  /** Kills all that a run's process belongs to, as when its machine dies, and tells Slurm what it would notice late. */
  killNode(run: number): void {
    this.killNodeDaemon();
    const task = parentOf(run);
    for (const pid of [parentOf(task), task, run]) process.kill(pid, 'SIGKILL');
    this.run('scontrol', 'update', `NodeName=${this.node}`, 'State=DOWN', 'Reason=test');
  }

  startNodeDaemon(): void {
    execFileSync(join(scripts, 'start-node.sh'), [this.folder]);
  }

  /** The last lines of what the daemons have written, for a test that fails. */
  logs(): string {
    const folder = join(this.folder, 'log');
    const lastLines = (file: string) =>
      readFileSync(join(folder, file), 'utf8').trimEnd().split('\n').slice(-15).join('\n');
    return readdirSync(folder)
      .map((file) => `--- ${file}\n${lastLines(file)}`)
      .join('\n');
  }

  async emptied(): Promise<void> {
    await until(() => this.queue().size === 0, 'the queue to be empty');
  }
}

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Waits until something is so. */
export async function until(condition: () => boolean, what: string, seconds = 120): Promise<void> {
  const end = Date.now() + 1000 * seconds;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await sleep(100);
  }
}
