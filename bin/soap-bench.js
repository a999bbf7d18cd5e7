#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  console.error('soap-bench is not built: run `npm run build` in its folder.');
  process.exitCode = 1;
}
