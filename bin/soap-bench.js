#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';

// In a clone the newest build has a folder of its own, which stays as it is while others are made (build.js).
const pointer = new URL('../dist-current', import.meta.url);
const builds = [...(existsSync(pointer) ? [readFileSync(pointer, 'utf8').trim()] : []), 'dist'];
const main = builds
  .map((build) => new URL(`../${build}/cli/main.js`, import.meta.url))
  .find((file) => existsSync(file));
if (main !== undefined) {
  try {
    await import(main.href);
  } catch (error) {
    // With too few files to open, Node.js may also say that a module is not there.
    if (!['EMFILE', 'ENFILE', 'ERR_MODULE_NOT_FOUND'].includes(error.code)) throw error;
    console.error(`error: soap-bench cannot be loaded: ${error.message.split('\n')[0]}`);
    console.error(
      'hint: raise the limit of open files, for example with `ulimit -n 1024`; if it is high enough, install soap-bench again',
    );
    process.exitCode = 6;
  }
} else {
  console.error('soap-bench is not built: run `npm run build` in its folder.');
  process.exitCode = 1;
}
