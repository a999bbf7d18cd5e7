import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { experimentFolders, isFigureFolder } from '../reproduce/figure-folder.js';
import { namesIn } from '../files/folders.js';

const ofDirectory = ['config.yaml', 'tasks.json', 'step_times.csv'];
const ofRun = ['status.json', 'environment.json', 'metrics.csv', 'eval.csv'];

/** A fingerprint of the files of a report, from their sizes and times alone. It changes with any of them. */
export function fingerprintOf(directory: string): string {
  const files = isFigureFolder(directory)
    ? [join(directory, 'figure.json'), ...experimentFolders(directory).flatMap(filesOf)]
    : filesOf(directory);
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file} ${stampOf(file)}\n`);
  return hash.digest('hex');
}

function filesOf(directory: string): string[] {
  const runs = join(directory, 'runs');
  return [
    ...ofDirectory.map((name) => join(directory, name)),
    ...namesIn(runs)
      .toSorted()
      .flatMap((run) => ofRun.map((name) => join(runs, run, name))),
  ];
}

function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.size} ${stat.mtimeMs}`;
}
