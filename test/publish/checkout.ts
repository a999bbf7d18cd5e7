import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runHere, type Finished } from '../support/run-here.js';

export const repository = fileURLToPath(new URL('../../', import.meta.url));

/** What is in a copy from the start; figures of the paper come and go with what has been trained. */
const kept = ['performance', 'quickstart'];

/** A copy of what publishing reads and writes in a checkout, without the figures that are published. */
export class Checkout {
  readonly path = mkdtempSync(join(tmpdir(), 'soap-bench-checkout-'));

  private constructor() {
    const pages = ['outputs.md', 'performance.md', 'results.md', 'pictures'].map((name) => join('docs', name));
    for (const part of ['README.md', ...pages, ...kept.map((name) => join('results', 'published', name))]) {
      mkdirSync(join(this.path, dirname(part)), { recursive: true });
      cpSync(join(repository, part), join(this.path, part), { recursive: true });
    }
  }

  static async make(): Promise<Checkout> {
    const checkout = new Checkout();
    const { code, stderr } = await checkout.run('build');
    if (code !== 0) throw new Error(stderr);
    return checkout;
  }

  /** What `npm run results:<words>` does here. */
  run(...words: string[]): Promise<Finished> {
    return runHere('publish/program.js', 'resultsProgram', [...words, '--root', this.path]);
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), 'utf8');
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Runs `npm run results:<words>` on this repository, after the build. */
export function results(...words: string[]): Finished {
  const main = join(repository, 'publish', 'main.js');
  const env = { ...process.env, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { encoding: 'utf8', env });
  return { code: status, stdout, stderr };
}
