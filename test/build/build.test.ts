import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A clone with two modules: the second is imported when a line comes in, as a sweep starts its next child. */
function tinyClone() {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-build-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const put = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  for (const file of ['build.js', 'bin/soap-bench.js', 'tsconfig.json', 'tsconfig.build.json']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  put('package.json', '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  put('src/cli/main.ts', `process.stdin.once('data', () => void import('../later.js'));\nconsole.log('started');\n`);
  const build = () => spawnSync(process.execPath, ['build.js'], { cwd: folder, encoding: 'utf8' });
  const start = () => {
    const child = spawn(process.execPath, ['bin/soap-bench.js'], { cwd: folder });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    const closed = new Promise<string>((resolve) => child.on('close', () => { resolve(output); })); // prettier-ignore
    return { child, closed };
  };
  return { folder, put, build, start };
}

it('leaves a running process its build while the next one is made', { timeout: 120_000 }, async () => {
  const { folder, put, build, start } = tinyClone();
  put('src/later.ts', `console.log('first', import.meta.url);\n`);
  expect(build().status).toBe(0);
  const { child, closed } = start();
  await new Promise((resolve) => child.stdout.once('data', resolve));

  put('src/later.ts', `console.log('second', import.meta.url);\n`);
  expect(build().status).toBe(0);
  child.stdin.end('now\n');
  const old = await closed;
  expect(old).toMatch(/^started\nfirst file:.*\/dist-[0-9a-f]{12}\/later\.js\n$/);
  expect(
    execFileSync(process.execPath, ['bin/soap-bench.js'], { cwd: folder, input: 'now\n', encoding: 'utf8' }),
  ).toMatch(/^started\nsecond /);
  // What is packed and imported is the newest, too.
  expect(readFileSync(join(folder, 'dist/later.js'), 'utf8')).toContain('second');

  // The same sources again: nothing is compiled, and what was removed by hand is put back.
  rmSync(join(folder, 'dist'), { recursive: true });
  rmSync(join(folder, 'node_modules'));
  mkdirSync(join(folder, 'node_modules/typescript/bin'), { recursive: true });
  put('node_modules/typescript/package.json', '{}');
  put('node_modules/typescript/bin/tsc', 'process.exit(9)');
  expect(build().status).toBe(0);
  expect(existsSync(join(folder, 'dist/cli/main.js'))).toBe(true);

  // Sources that do not compile leave the last build as it was.
  put('src/later.ts', 'const wrong: number = "text";\n');
  expect(build().status).toBe(9);
  expect(readFileSync(join(folder, 'dist/later.js'), 'utf8')).toContain('second');
  expect(existsSync(join(folder, readFileSync(join(folder, 'dist-current'), 'utf8'), 'cli/main.js'))).toBe(true);

  // Builds are removed when nothing can run from them any more.
  const first = /dist-[0-9a-f]{12}/.exec(old)![0];
  put('src/later.ts', `console.log('second', import.meta.url);\n`);
  utimesSync(join(folder, first), new Date(0), new Date(0));
  expect(build().status).toBe(0);
  expect(existsSync(join(folder, first))).toBe(false);
});
