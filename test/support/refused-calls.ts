import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { onTestFinished, vi } from 'vitest';

/** Makes calls of node:fs fail for some paths, until the test ends or another set of paths is given. */
export function refuseCalls(
  call: 'readdirSync' | 'readFileSync' | 'writeFileSync',
  code: string,
  isRefused: (path: string) => boolean,
) {
  vi.restoreAllMocks();
  const original = fs[call] as (path: string, ...others: unknown[]) => unknown;
  const refusing = (path: string, ...others: unknown[]) => {
    if (isRefused(path)) throw Object.assign(new Error(code), { code, syscall: 'open', path });
    return original(path, ...others);
  };
  vi.spyOn(fs, call).mockImplementation(refusing as never);
  // Updates functions that were imported by name.
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
}
