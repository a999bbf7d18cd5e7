import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpus, release, totalmem } from 'node:os';
import { packageRoot, packageVersion } from '../own-package.js';
import type { Engine, Precision } from '../engine/engine.js';

/** Which soap-bench this is. */
export interface CodeVersion {
  readonly soap_bench: string;
  /** Commit of soap-bench's checkout and whether files differed from it; null when it is not a checkout. */
  readonly git_commit: string | null;
  readonly git_dirty: boolean | null;
}

/** What computes, and on what. Nothing in it names a person or a host. */
export interface Environment extends CodeVersion {
  readonly engine: string;
  readonly engine_version: string;
  readonly device: string;
  readonly threads: number;
  /** Whether steps ran as one graph each. */
  readonly compiled: boolean;
  readonly tfjs: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory_bytes: number;
  /** Variables that change how TensorFlow computes. */
  readonly variables: Record<string, string>;
}

/** environment.json: what a run was computed with, and how. */
export interface RunEnvironment extends Environment {
  /** Of the model's matrix products. */
  readonly precision: Precision;
  /** Whether compiled steps fused neighbouring operations (XLA). */
  readonly xla: boolean;
}

/** startup.json: what compiled steps cost before training begins, in seconds. No clock of a run counts it. */
export interface Startup {
  /** Building the graph from the model's and the optimizer's functions. */
  readonly tracing_s: number;
  /** First runs, by step. The first of all also loads the graph. */
  readonly first_runs_s: Readonly<Record<string, number>>;
}

/** The environment of this process and engine. */
export function describeEnvironment(engine: Engine): Environment {
  const processors = cpus();
  const variables = Object.entries(process.env).filter(([name]) =>
    /^(TF_(NUM|ENABLE|XLA|DETERMINISTIC|FORCE|GPU)_|OMP_NUM|CUDA_VISIBLE|XLA_FLAGS)/.test(name),
  );
  return {
    ...codeVersion(),
    engine: engine.name,
    engine_version: engine.version,
    device: engine.device,
    threads: engine.threads,
    compiled: engine.compiled,
    tfjs: tfjsVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch} ${release()}`,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory_bytes: totalmem(),
    variables: Object.fromEntries(variables) as Record<string, string>,
  };
}

/** The version of this soap-bench. */
export function codeVersion(): CodeVersion {
  return { soap_bench: packageVersion(), git_commit: git('rev-parse', 'HEAD'), git_dirty: isDirty() };
}

/** The commit in short, `+changes` when files differ from it; empty outside of a checkout. */
export function commitText({ git_commit, git_dirty }: Pick<CodeVersion, 'git_commit' | 'git_dirty'>): string {
  return git_commit === null ? '' : git_commit.slice(0, 10) + (git_dirty === true ? '+changes' : '');
}

function tfjsVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('@tensorflow/tfjs-core/package.json') as { version: string }).version;
}

function isDirty(): boolean | null {
  const changes = git('status', '--porcelain', '--untracked-files=no');
  return changes === null ? null : changes !== '';
}

/** Output of a git command in soap-bench's own folder, or null when that is not the top of a checkout. */
function git(...words: string[]): string | null {
  try {
    const run = (...args: string[]) =>
      execFileSync('git', args, { cwd: packageRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    // Installed below another project, its repository would answer for us.
    if (run('rev-parse', '--show-prefix') !== '') return null;
    return run(...words);
  } catch {
    return null;
  }
}
