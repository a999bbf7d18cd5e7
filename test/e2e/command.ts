import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';

const bin = fileURLToPath(new URL('../../bin/soap-bench.js', import.meta.url));

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A folder with a small text and a configuration that trains on it within seconds. */
export class Workspace {
  readonly path = mkdtempSync(join(tmpdir(), 'soap-bench-e2e-'));

  /** @param options.engine The engine that trains: a user's, or wasm, which starts faster and is slower for many steps. */
  constructor({ engine = 'auto' }: { engine?: 'auto' | 'wasm' } = {}) {
    const words = ['the', 'old', 'grey', 'whale', 'swam', 'under', 'a', 'quiet', 'moon', 'and', 'sang', 'of', 'storms'];
    let state = 7;
    const text = Array.from({ length: 6000 }, () => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return words[state % words.length]!;
    });
    writeFileSync(join(this.path, 'text.txt'), text.join(' '));
    writeFileSync(join(this.path, 'tiny.yaml'), `${tinyConfig}engine: ${engine}\n`);
  }

  /**
   * Starts the built command here.
   * @param leadsGroup Whether its processes can be killed together, by its number made negative.
   */
  start(
    words: string[],
    env: NodeJS.ProcessEnv = {},
    leadsGroup = false,
  ): { child: ChildProcess; finished: Promise<Finished> } {
    const child = spawn(process.execPath, [bin, ...words], {
      cwd: this.path,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: leadsGroup,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const finished = new Promise<Finished>((resolve) => {
      child.on('close', (code) => {
        resolve({ code, stdout, stderr });
      });
    });
    return { child, finished };
  }

  run(words: string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
    return this.start(words, env).finished;
  }

  read(...names: string[]): string {
    return readFileSync(join(this.path, ...names), 'utf8');
  }

  csv(...names: string[]): Record<string, string>[] {
    return parse(this.read(...names), { columns: true });
  }

  list(...names: string[]): string[] {
    return readdirSync(join(this.path, ...names)).sort();
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Writes a module for `node --require` that keeps the native engine from loading. */
export function hideNativeEngine(place: Workspace): string {
  const hook = join(place.path, 'no-native.cjs');
  writeFileSync(
    hook,
    `const Module = require('node:module'); const load = Module._load;
     Module._load = (request, ...rest) => {
       if (request === '@tensorflow/tfjs-node-gpu') throw new Error('libtensorflow.so.2: cannot open shared object file');
       return load(request, ...rest);
     };`,
  );
  return hook;
}

const tinyConfig = `model: { n_layer: 1, d_model: 16, n_head: 2, context: 16 }
data: { corpus: text.txt, tokenizer: byte }
train:
  steps: 12
  batch_tokens: 128
  eval_every: 4
  eval_tokens: 128
  schedule: { name: cosine, warmup_steps: 2 }
optimizers:
  adamw: { lr: 3e-3 }
  shampoo: { lr: 3e-3 }
  soap: { lr: 3e-3, precondition_frequency: 4 }
`;
