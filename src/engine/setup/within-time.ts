/**
 * Passes an action a signal that aborts after `timeoutMs` or with `outer`. `AbortSignal.any` with `AbortSignal.timeout` is not
 * reliable: Node may collect the combined signal before the time is up.
 */
export async function withinTime<T>(
  { timeoutMs, signal: outer }: { timeoutMs?: number | undefined; signal?: AbortSignal | undefined },
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const follow = () => {
    stop.abort(outer?.reason);
  };
  if (outer?.aborted === true) follow();
  outer?.addEventListener('abort', follow);
  const expire = () => {
    stop.abort(new Error(`it took more than ${(timeoutMs ?? 0) / 1000} s`));
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs);
  try {
    return await action(stop.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', follow);
  }
}
