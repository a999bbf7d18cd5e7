import type { Profile, Protocol } from '../../../reproduce/figure-folder.js';

/** What `reproduce` can be told. */
export interface ReproduceOptions {
  readonly profile: Profile;
  readonly protocol: Protocol;
  readonly scale?: string;
  readonly output?: string;
  readonly jobs: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}
