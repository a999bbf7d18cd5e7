import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ofDirectory = ['config.yaml', 'tasks.json'];
const ofRun = ['status.json', 'environment.json', 'metrics.csv', 'eval.csv'];

/** Changes when a file changes that a report is made from. Nothing is read but sizes and times. */
export function fingerprintOf(directory: string): string {
  const runs = join(directory, 'runs');
  const files = [
    ...ofDirectory.map((name) => join(directory, name)),
    ...namesIn(runs).flatMap((run) => ofRun.map((name) => join(runs, run, name))),
  ];
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file} ${stampOf(file)}\n`);
  return hash.digest('hex');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.size} ${stat.mtimeMs}`;
}
