import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of soap-bench itself, with a slash at its end: this file is one folder below it, in src/ and in dist/. */
export const packageRoot = fileURLToPath(new URL('../', import.meta.url));

/** The version in package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(`${packageRoot}package.json`, 'utf8')) as { version: string }).version;
}
