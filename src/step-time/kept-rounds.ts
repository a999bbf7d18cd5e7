import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { writeFileAtomic } from '../files/atomic-file.js';
import { codeVersion, commitText } from '../results/environment.js';
import { writeError } from '../system-error.js';
import type { TimedRound } from './time-setting.js';

/** The file with completed measurements, one per line, in an experiment's folder while its steps are timed. */
export const keptRoundsFile = 'step_times.partial.jsonl';

/** Conditions under which times can be combined. */
interface Conditions {
  readonly soap_bench: string;
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
}

const keptSchema = z.object({
  key: z.string(),
  round: z.int(),
  result: z.custom<TimedRound>((value) => Array.isArray((value as Partial<TimedRound> | null)?.calls)),
});
type Kept = z.infer<typeof keptSchema>;

/** The completed measurements of an unfinished timing, from which it resumes. */
export class KeptRounds {
  readonly #file: string;
  readonly #kept: Map<string, TimedRound>;
  /** The start of the file until it is written. */
  #beginning: string | undefined;

  /** Reads the measurements of an earlier timing, except those from another machine or other code. */
  constructor(folder: string, now = conditionsNow()) {
    this.#file = join(folder, keptRoundsFile);
    const { conditions, kept } = read(this.#file);
    const isSame = isDeepStrictEqual(conditions, now);
    this.#kept = new Map(isSame ? kept.map(({ key, round, result }) => [nameOf(key, round), result]) : []);
    // Without an incomplete line after a crash.
    this.#beginning = [now, ...(isSame ? kept : [])].map(line).join('');
  }

  get(key: string, round: number): TimedRound | undefined {
    return this.#kept.get(nameOf(key, round));
  }

  /** @throws {SoapBenchError} If the system refuses to write. */
  add(key: string, round: number, result: TimedRound): void {
    this.#kept.set(nameOf(key, round), result);
    if (this.#beginning !== undefined) writeFileAtomic(this.#file, this.#beginning);
    this.#beginning = undefined;
    try {
      appendFileSync(this.#file, line({ key, round, result }), { flush: true });
    } catch (error) {
      throw writeError(this.#file, error);
    }
  }

  /** Removes the file when its measurements are in step_times.csv. */
  remove(): void {
    rmSync(this.#file, { force: true });
  }
}

function read(file: string): { conditions: unknown; kept: Kept[] } {
  if (!existsSync(file)) return { conditions: undefined, kept: [] };
  const [conditions, ...values] = readFileSync(file, 'utf8').split('\n').map(parsed);
  return { conditions, kept: values.flatMap((value) => keptSchema.safeParse(value).data ?? []) };
}

/** Parses a line; undefined if it is incomplete. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function line(value: object): string {
  return JSON.stringify(value) + '\n';
}

function nameOf(key: string, round: number): string {
  return `${round} ${key}`;
}

function conditionsNow(): Conditions {
  const { soap_bench, git_commit, git_dirty } = codeVersion();
  const [first, ...others] = cpus();
  const cpu = first?.model.trim() ?? 'unknown';
  return { soap_bench, commit: commitText({ git_commit, git_dirty }), cpu, cores: 1 + others.length };
}
