import { createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../errors.js';

export interface DownloadOptions {
  /** The longest wait for the server's answer, so that a firewall that drops packets costs only seconds. */
  answerTimeoutMs?: number;
  /** The length of a window in which at least `minBytesPerWindow` must arrive. */
  windowMs?: number;
  minBytesPerWindow?: number;
  onProgress?: (received: number, total: number | undefined) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Downloads a complete file, over https except from this machine itself.
 * @throws {Error} with the address and the problem: no answer, an HTTP error, too few bytes, too slow.
 */
export async function download(url: string, target: string, options: DownloadOptions = {}): Promise<void> {
  const { answerTimeoutMs = 6_000, windowMs = 15_000, minBytesPerWindow = 1_000_000, onProgress } = options;
  const giveUp = new AbortController();
  const signal = options.signal === undefined ? giveUp.signal : AbortSignal.any([giveUp.signal, options.signal]);
  let timer = setTimeout(() => {
    giveUp.abort(new Error(`no answer within ${answerTimeoutMs / 1000} s`));
  }, answerTimeoutMs);
  try {
    requireSafe(url);
    const response = await fetch(url, { signal });
    clearTimeout(timer);
    requireSafe(response.url); // where redirects have led
    if (!response.ok || response.body === null) throw new Error(`the server answers ${response.status}`);
    const length = response.headers.get('content-length');
    const total = length === null ? undefined : Number(length);

    let received = 0;
    let windowStart = 0;
    timer = setInterval(() => {
      const got = received - windowStart;
      if (got < minBytesPerWindow) giveUp.abort(new Error(`too slow: ${got} bytes in ${windowMs / 1000} s`));
      windowStart = received;
    }, windowMs);
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        received += chunk.length;
        onProgress?.(received, total);
        done(null, chunk);
      },
    });
    await pipeline(response.body, count, createWriteStream(target), { signal });
    if (total !== undefined && received !== total) throw new Error(`only ${received} of ${total} bytes arrived`);
  } catch (error) {
    throw new Error(`${url}: ${networkReason(error, signal)}`, { cause: error });
  } finally {
    clearInterval(timer);
  }
}

function requireSafe(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return;
  throw new Error(`${protocol}// can be changed on the way, expected https://`);
}

/** Finds the reason of a failure. Node's fetch only says "fetch failed" or "terminated"; the reason is in the cause or signal. */
function networkReason(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return messageOf(signal.reason);
  if (error instanceof TypeError && error.cause instanceof Error) {
    if (error.message === 'terminated') return 'the connection broke off before the whole file had arrived';
    // If both IPv4 and IPv6 are refused, the cause is an AggregateError with a code but no message.
    const { message, code }: NodeJS.ErrnoException = error.cause;
    return message === '' ? (code ?? error.message) : message;
  }
  return messageOf(error);
}
