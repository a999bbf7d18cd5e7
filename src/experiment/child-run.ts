import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SoapBenchError } from '../errors.js';
import { lastWords, logFrom, processEnding } from '../process-ending.js';
import type { RunDirectory } from '../results/directory.js';
import type { RunPlace } from '../run/execute.js';
import type { RunMessage } from '../run/messages.js';
import { isStopSignal } from '../run/stop-signals.js';
import { systemError } from '../system-error.js';

const worker = fileURLToPath(new URL('../run/worker.js', import.meta.url));

/** How a run's process ended. */
export type ChildOutcome =
  | { readonly kind: 'outcome'; readonly state: string; readonly message?: string | undefined }
  | { readonly kind: 'error'; readonly code: string; readonly message: string; readonly hint?: string | undefined };

/**
 * Trains a run in a process of its own, its output in the run's log. The native engine keeps state that only a new process
 * gets rid of, and a crash takes nothing else along.
 * @param onMessage What it throws asks the process to end as well, and is thrown when it has.
 * @param signal Asks the process to finish its step and end. A second abort is up to the terminal.
 */
export async function runInChild(
  directory: RunDirectory,
  { dataset, jobs }: RunPlace,
  onMessage: (message: RunMessage) => void,
  signal: AbortSignal,
): Promise<ChildOutcome> {
  let child: ChildProcess;
  const logged = statSync(directory.logFile, { throwIfNoEntry: false })?.size ?? 0;
  try {
    const log = openSync(directory.logFile, 'a');
    child = fork(worker, [directory.path, dataset, String(jobs)], { stdio: ['ignore', log, log, 'ipc'] });
    closeSync(log);
  } catch (error) {
    return refused(error);
  }
  const interrupt = () => child.kill('SIGINT');
  signal.addEventListener('abort', interrupt);

  let outcome: ChildOutcome | undefined;
  let messages = 0;
  let refusal: { readonly error: unknown } | undefined;
  child.on('message', (message: RunMessage) => {
    if (message.type === 'outcome') outcome = { kind: 'outcome', ...message.outcome };
    else if (message.type === 'error') outcome = { ...message, kind: 'error' };
    messages += 1;
    try {
      onMessage(message);
    } catch (error) {
      refusal ??= { error };
      interrupt();
    }
  });
  const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('exit', (...ending) => {
      resolve(ending);
    });
    child.on('error', (error) => {
      outcome = refused(error);
      resolve([null, null]);
    });
  });
  signal.removeEventListener('abort', interrupt);
  if (refusal !== undefined) throw refusal.error;
  // Asked to stop before it had come so far as to listen: it has begun nothing.
  const isAsked = killedBy !== null && isStopSignal(killedBy) && (killedBy !== 'SIGHUP' || signal.aborted);
  if (outcome === undefined && isAsked) {
    outcome = { kind: 'outcome', state: 'interrupted' };
  }
  if (outcome === undefined) {
    const log = logFrom(directory.logFile, logged);
    const { text, hint } = processEnding(code, killedBy, log);
    const isBegun = messages > 0 || killedBy !== null;
    const where = isBegun ? `at step ${directory.readStatus()?.step ?? 0}` : 'before it could begin';
    const message = `its process ${text} ${where}${lastWords(log)}`;
    outcome = isBegun
      ? { kind: 'error', code: 'run_crashed', message, hint }
      : { kind: 'error', code: 'run_not_started', message, hint: notStartedHint };
  }
  // Another process's run is not ours to write about.
  if (outcome.kind === 'error' && outcome.code !== 'run_in_use') recordFailure(directory, outcome);
  return outcome;
}

/** A process that could not write its own ending gets it written. */
function recordFailure(directory: RunDirectory, { code, message }: { code: string; message: string }): void {
  const now = new Date().toISOString();
  const before = directory.readStatus();
  // What was begun before is as it was: its training has not failed.
  if (code === 'run_not_started' && before !== undefined && before.state !== 'failed') return;
  const status = before ?? { step: 0, steps: 0, started_at: now };
  try {
    directory.writeStatus({ ...status, state: 'failed', message, ended_at: now });
  } catch {
    // A full disk, most likely the failure itself: the outcome says so, and the other runs go on.
  }
}

/** What keeps this run's process from starting keeps the others' as well. */
function refused(error: unknown): ChildOutcome {
  const { message, hint } = systemError(error) as Partial<SoapBenchError>;
  return { kind: 'error', code: 'run_not_started', message: `its process could not start: ${message}`, hint };
}

const notStartedHint =
  'soap-bench itself has been changed or removed meanwhile, most likely: once it is whole again, `soap-bench resume` goes on';
