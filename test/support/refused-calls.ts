import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { onTestFinished, vi } from 'vitest';

/** Has the system refuse a call of node:fs for some paths, until the test has ended or it refuses others. */
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
  // What has been imported by name is the same function again.
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
}
