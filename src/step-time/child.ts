import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SoapBenchError, exitCodes } from '../errors.js';
import { lastWords, processEnding } from '../process-ending.js';
import type { TimedRound, TimingRequest } from './time-setting.js';
import type { TimingMessage } from './worker.js';

const worker = fileURLToPath(new URL('worker.js', import.meta.url));

/**
 * Times a setting in a child process, because the native engine keeps state for the lifetime of a process.
 * @param what The setting's name in messages.
 * @throws {SoapBenchError} `timing_failed`, `engine_unavailable`, `step_failed` …; `timing_stopped` after an abort.
 */
export async function timeInChild(request: TimingRequest, what: string, signal: AbortSignal): Promise<TimedRound> {
  throwIfStopped(signal);
  const child = fork(worker, [JSON.stringify(request)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  let answer: TimingMessage | undefined;
  let log = '';
  child.on('message', (message: TimingMessage) => (answer = message));
  child.stderr!.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('close', (...ending) => {
      resolve(ending);
    });
    child.on('error', reject);
  });
  signal.removeEventListener('abort', kill);
  throwIfStopped(signal);
  if (answer?.type === 'timed') return answer.round;
  const exitCode = answer?.exitCode === exitCodes.unavailable ? answer.exitCode : exitCodes.runsFailed;
  if (answer !== undefined) {
    const hint = answer.hint === undefined ? {} : { hint: answer.hint };
    throw new SoapBenchError(answer.code, `${what} cannot be timed: ${answer.message}`, { exitCode, ...hint });
  }
  const { text, hint } = processEnding(code, killedBy, log);
  throw new SoapBenchError('timing_failed', `${what} cannot be timed: its process ${text}${lastWords(log)}`, {
    exitCode,
    ...(hint !== undefined && { hint }),
  });
}

function throwIfStopped({ aborted, reason }: AbortSignal): void {
  if (!aborted) return;
  throw new SoapBenchError('timing_stopped', 'stopped before every setting was timed', {
    exitCode: reason === 'SIGINT' ? exitCodes.interrupted : exitCodes.interruptedResumable,
    hint: 'the same words again go on after what has been measured',
  });
}
