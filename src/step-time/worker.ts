import { SoapBenchError, messageOf } from '../errors.js';
import { timeSetting, type TimedRound, type TimingRequest } from './time-setting.js';

/*
 * Entry point of a timing's own process: `worker.js <request as JSON>`. What it has measured goes to its parent as a message.
 */

/** What the process tells its parent. */
export type TimingMessage =
  | { readonly type: 'timed'; readonly round: TimedRound }
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly hint: string | undefined };

const tell = (message: TimingMessage) => process.send?.(message);

try {
  tell({ type: 'timed', round: await timeSetting(JSON.parse(process.argv[2]!) as TimingRequest) });
} catch (error) {
  const known = error instanceof SoapBenchError ? error : undefined;
  tell({ type: 'error', code: known?.code ?? 'timing_failed', message: messageOf(error), hint: known?.hint });
  process.exitCode = 1;
} finally {
  process.disconnect();
}
