import { SoapBenchError, messageOf, type ExitCode } from '../errors.js';
import { ignoreHangups } from '../run/stop-signals.js';
import { systemError } from '../system-error.js';
import type { TimedRound, TimingRequest } from './time-setting.js';

/*
 * Entry point of a timing's own process: `worker.js <request as JSON>`. What it has measured goes to its parent as a message.
 */

/** Messages of the process to its parent. */
export type TimingMessage =
  | { readonly type: 'timed'; readonly round: TimedRound }
  | {
      readonly type: 'error';
      readonly code: string;
      readonly message: string;
      readonly hint: string | undefined;
      readonly exitCode: ExitCode | undefined;
    };

ignoreHangups();
const tell = (message: TimingMessage) => process.send?.(message);

try {
  const { timeSetting } = await import('./time-setting.js');
  tell({ type: 'timed', round: await timeSetting(JSON.parse(process.argv[2]!) as TimingRequest) });
} catch (error) {
  const explained = systemError(error);
  const known = explained instanceof SoapBenchError ? explained : undefined;
  tell({
    type: 'error',
    code: known?.code ?? 'timing_failed',
    message: messageOf(explained),
    hint: known?.hint,
    exitCode: known?.exitCode,
  });
  process.exitCode = 1;
} finally {
  process.disconnect();
}
