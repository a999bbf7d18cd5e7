import { SoapBenchError } from '../../errors.js';
import { slurmCommand } from './commands.js';

/** An element of an array job as Slurm sees it. */
export interface QueuedElement {
  /** Slurm's word: PENDING, RUNNING, COMPLETING, … */
  readonly state: string;
  /** Why it is not running: Resources, Dependency, BeginTime, …; empty when there is no reason. */
  readonly reason: string;
}

/** What of these jobs is in the queue, by `<job>_<element>`. Needs no accounting. */
export async function queuedElements(jobs: readonly string[]): Promise<Map<string, QueuedElement>> {
  if (jobs.length === 0) return new Map();
  try {
    return parseQueue(
      await slurmCommand('squeue', '--noheader', '--array', `--jobs=${jobs.join(',')}`, '--format=%i|%T|%r'),
    );
  } catch (error) {
    // It forgets jobs some minutes after their end.
    if (error instanceof SoapBenchError && /invalid job id/i.test(error.message)) return new Map();
    throw error;
  }
}

/** Lines `12_3|RUNNING|None`. */
export function parseQueue(text: string): Map<string, QueuedElement> {
  const lines = text.split('\n').filter((line) => line.includes('|'));
  return new Map(
    lines.map((line) => {
      const [element = '', state = '', reason = ''] = line.trim().split('|');
      return [element, { state, reason: reason === 'None' ? '' : reason }];
    }),
  );
}

/** Whether an element holds a machine, or is just giving it back. */
export function isRunning({ state }: QueuedElement): boolean {
  return !['PENDING', 'REQUEUED', 'REQUEUE_HOLD', 'REQUEUE_FED', 'SPECIAL_EXIT', 'CONFIGURING'].includes(state);
}
