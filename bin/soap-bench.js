#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';

// In a clone the newest build has a folder of its own, which stays as it is while others are made (build.js).
const pointer = new URL('../dist-current', import.meta.url);
const builds = [...(existsSync(pointer) ? [readFileSync(pointer, 'utf8').trim()] : []), 'dist'];
const main = builds
  .map((build) => new URL(`../${build}/cli/main.js`, import.meta.url))
  .find((file) => existsSync(file));
if (main !== undefined) {
  await import(main.href);
} else {
  console.error('soap-bench is not built: run `npm run build` in its folder.');
  process.exitCode = 1;
}
