import { statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { settingText } from '../config/setting-text.js';
import type { RunConfig } from '../config/run-config.js';
import { messageOf } from '../errors.js';
import type { FoundState } from './found-state.js';
import { isFolderHeld } from '../files/lock.js';
import { experimentsBeneath, foldersIn, isFile, type PassedOver } from '../files/folders.js';
import { assertOwnConfig, readRunConfig, readRunOverview, type RunOverview } from './read-run.js';
import { isSweep, readTasks } from './tasks.js';

/** A run that is there or is to be there. */
export interface FoundRun {
  /** `<experiment>/<its folder>`: unique among what was found. */
  readonly name: string;
  readonly directory: string;
  /** Name of the experiment or sweep that it is part of. */
  readonly experiment: string;
  /** Its label in the experiment; in a sweep with what sets the setting apart. */
  readonly setting: string;
  readonly state: FoundState;
  /** With a single optimizer; undefined when it cannot be read. */
  readonly config: RunConfig | undefined;
  readonly overview: RunOverview | undefined;
  /** Why its files cannot be read. */
  readonly problem: string | undefined;
}

/** A folder that `soap-bench run` has made. */
export interface FoundExperiment {
  /** Its path below the folder that was searched, with slashes; of one that is elsewhere the path as it was given. */
  readonly name: string;
  readonly directory: string;
  readonly kind: 'experiment' | 'sweep';
  /** When its first run began; when the folder was made while there is none. */
  readonly startedAt: Date;
  readonly runs: readonly FoundRun[];
  /** Why it is not known what its runs are. */
  readonly problem: string | undefined;
}

/** What is to be in a folder `runs/<folder>`. */
interface Expected {
  readonly folder: string;
  readonly setting: string;
  readonly config: RunConfig;
}

/** Folders between `results` and an experiment: `published/<name>`, `<project>/<name>/<time>`, with some to spare. */
const levels = 5;

/**
 * Every experiment and sweep in or below a folder with its runs, the newest first. Damaged files do not keep the others from
 * being found.
 * @throws {SoapBenchError} When the system refuses to list a folder.
 */
export function findExperiments(root: string, passedOver?: PassedOver): FoundExperiment[] {
  const found = experimentsBeneath(root, levels, passedOver).map((directory) => readFoundExperiment(directory, root));
  return found.toSorted((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
}

/**
 * Reads what a folder of an experiment or a sweep holds; damaged files become problems of what they belong to.
 * @param root The folder that its name begins behind.
 */
export function readFoundExperiment(directory: string, root: string): FoundExperiment {
  const name = nameOf(directory, root);
  const kind = isSweep(directory) ? 'sweep' : 'experiment';
  let expected: Expected[] = [];
  let problem: string | undefined;
  try {
    expected = expectedRuns(directory);
  } catch (error) {
    problem = messageOf(error);
  }
  let folders: string[] = [];
  try {
    folders = foldersIn(join(directory, 'runs'));
  } catch (error) {
    problem ??= messageOf(error);
  }
  // Runs of earlier values of a sweep stay in its folder.
  const others = folders.filter(
    (folder) =>
      !expected.some((run) => run.folder === folder) && isFile(join(directory, 'runs', folder, 'config.yaml')),
  );
  const runs = [
    ...expected.map((run) => readFoundRun(directory, name, run.folder, () => run, kind === 'experiment')),
    ...others.sort().map((folder) => readFoundRun(directory, name, folder, () => expectedOfRun(directory, folder))),
  ];
  const starts = runs.flatMap(({ overview }) => overview?.status?.started_at ?? []).sort();
  const startedAt = starts[0] === undefined ? statSync(join(directory, 'config.yaml')).mtime : new Date(starts[0]);
  return { name, directory, kind, startedAt, runs, problem };
}

function nameOf(directory: string, root: string): string {
  const below = relative(root, directory).replaceAll('\\', '/');
  if (below === '') return basename(resolve(directory));
  return below.startsWith('../') ? directory : below;
}

/** @param isSingle Whether the experiment's configuration is what its run was trained with; a task's id says that of a sweep's. */
function readFoundRun(
  directory: string,
  experiment: string,
  folder: string,
  read: () => Expected,
  isSingle = false,
): FoundRun {
  const path = join(directory, 'runs', folder);
  const place = { name: `${experiment}/${folder}`, directory: path, experiment };
  let known: Expected | undefined;
  try {
    known = read();
    const overview = readRunOverview(path);
    if (isSingle) assertOwnConfig(path, known.config);
    const { setting, config } = known;
    return { ...place, setting, config, overview, state: stateOf(overview), problem: undefined };
  } catch (error) {
    const { setting = folder, config } = known ?? {};
    return { ...place, setting, config, overview: undefined, state: 'damaged', problem: messageOf(error) };
  }
}

function stateOf({ status, directory }: RunOverview): FoundState {
  if (status === undefined) return 'not_started';
  return status.state === 'running' && !isFolderHeld(directory) ? 'killed' : status.state;
}

function expectedRuns(directory: string): Expected[] {
  const { tasks: compared, tunings } = readTasks(directory);
  const tasks = [...compared, ...tunings.flatMap(({ tried }) => tried)].map(({ id, optimizer, choices, config }) => {
    return { folder: id, setting: settingText(optimizer, choices), config };
  });
  // Two labels can come to the same task.
  return tasks.filter(({ folder }, index) => tasks.findIndex((task) => task.folder === folder) === index);
}

function expectedOfRun(directory: string, folder: string): Expected {
  const config = readRunConfig(join(directory, 'runs', folder));
  return { folder, setting: config.label, config };
}
