import type { RunStatus } from './status.js';

/** `killed`: its status says that it is running, and no process does. `damaged`: its files cannot be read. */
export type FoundState = RunStatus['state'] | 'not_started' | 'killed' | 'damaged';

/** In the order in which they are told. */
export const foundStates = [
  'finished',
  'stopped_at_target',
  'diverged',
  'running',
  'interrupted',
  'killed',
  'failed',
  'not_started',
  'damaged',
] as const satisfies readonly FoundState[];
