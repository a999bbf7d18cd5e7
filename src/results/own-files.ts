import { lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What soap-bench writes into the folders of runs and experiments: all that it may remove there. */

/** What a killed process was about to rename into its place. */
const orTemporary = String.raw`(\.\d+\.tmp)?`;

const ofRun = [
  RegExp(`^(config\\.yaml|(dataset|environment|startup|status)\\.json|(metrics|eval)\\.csv|SHA256SUMS)${orTemporary}$`),
  /^log\.txt$/,
  /^\.?events\.out\.tfevents\.[^/]+$/,
  /^set-aside-\d+\/(metrics|eval)\.csv$/,
  /^(set-aside-\d+\/)?checkpoints\/(step-\d+|\.(writing|removing)-[\d-]+)\/((model|optimizer)\.safetensors|checkpoint\.json|SHA256SUMS)$/,
  /^\.lock(\.[^/]*)?$/,
];

const ofExperiment = [
  RegExp(`^(config\\.yaml|tasks\\.json|(summary|runs|efficiency|tuning|step_times)\\.csv|SHA256SUMS)${orTemporary}$`),
  RegExp(`^step_times\\.partial\\.jsonl${orTemporary}$`),
  RegExp(`^report/(report\\.html|charts/[^/]+\\.(svg|csv)|tables/[^/]+\\.(md|csv|tex|json))${orTemporary}$`),
  RegExp(`^slurm/\\d+/(tasks\\.json|config\\.yaml|submission\\.json|array-\\d+\\.sh)${orTemporary}$`),
  /^slurm\/\d+\/logs\/\d+_\d+\.log$/,
  /^\.lock(\.[^/]*)?$/,
];

/** Folders that count for nothing when they are empty. */
const folders = /^(runs|report|slurm|checkpoints|set-aside-\d+)(\/|$)/;

/** Says whether a path below a folder is one of soap-bench's own files. */
export type IsOwn = (path: string) => boolean;

/** In the folder of a run. */
export const isOfRun: IsOwn = (path) => ofRun.some((pattern) => pattern.test(path));

/** In the folder of an experiment or a sweep with these runs, by the names of their folders. */
export function isOfExperiment(runs: ReadonlySet<string>): IsOwn {
  return (path) => {
    const [, leftover, run, rest] = /^runs\/(\.(?:removing|taking-over)-\d+-)?([^/]+)\/(.+)$/.exec(path) ?? [];
    if (run !== undefined) return (leftover !== undefined || runs.has(run)) && isOfRun(rest!);
    return ofExperiment.some((pattern) => pattern.test(path));
  };
}

/**
 * Removes the own files of a folder, and the folder with them when nothing else is in it. Links are not followed: what they
 * stand for is nobody's own.
 * @returns What stays, as paths below the folder.
 */
export function removeOwnFiles(folder: string, isOwn: IsOwn): string[] {
  const { own, others } = contents(folder, isOwn);
  // Beside it, out of sight at once: half of a folder would look damaged.
  const aside = join(dirname(folder), `.removing-${process.pid}-${basename(folder)}`);
  rmSync(aside, { recursive: true, force: true });
  if (others.length === 0) renameSync(folder, aside);
  else {
    for (const path of own.toSorted((a, b) => turnOf(a) - turnOf(b))) {
      mkdirSync(dirname(join(aside, path)), { recursive: true });
      renameSync(join(folder, path), join(aside, path));
    }
    for (const path of own) removeEmpty(folder, dirname(path));
  }
  rmSync(aside, { recursive: true, force: true });
  return others;
}

/** What a folder is goes first, and its lock last. */
function turnOf(path: string): number {
  if (['config.yaml', 'tasks.json', 'status.json'].includes(path)) return 0;
  return path.startsWith('.lock') ? 2 : 1;
}

/** Files and links below a folder, and the empty folders that soap-bench does not make. */
function contents(folder: string, isOwn: IsOwn): { own: string[]; others: string[] } {
  const own: string[] = [];
  const others: string[] = [];
  const look = (below: string) => {
    const entries = readdirSync(join(folder, below), { withFileTypes: true });
    if (entries.length === 0 && below !== '' && !folders.test(below)) others.push(`${below}/`);
    for (const entry of entries) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) look(path);
      else (entry.isFile() && isOwn(path) ? own : others).push(path);
    }
  };
  look('');
  return { own, others };
}

function removeEmpty(folder: string, below: string): void {
  for (let path = below; path !== '.'; path = dirname(path)) {
    try {
      rmdirSync(join(folder, path));
    } catch {
      // Something else is in it, or it is gone already.
      return;
    }
  }
}

/** Where a link leads, as it says; undefined when the path is none. */
export function linkTarget(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : undefined;
}
