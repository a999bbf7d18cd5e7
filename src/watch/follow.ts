import type { PageContent } from '../report/page/content.js';
import { pageContent } from '../report/page/sections.js';
import { readAnyReport } from '../report/report.js';
import { titleOf } from '../report/write-report.js';
import { messageOf } from '../errors.js';
import { fingerprintOf } from './fingerprint.js';

/** The page of a folder at one moment. */
export interface Snapshot extends PageContent {
  readonly title: string;
  /** Changes whenever the files change. */
  readonly version: string;
}

/** The shortest time between two looks, in milliseconds. */
const shortestPause = 1000;
// Training needs the machine, so following takes at most a twentieth of one processor.
const share = 20;

/** Follows the files of a folder while its runs continue. */
export class Follower {
  readonly #directory: string;
  readonly #changed: (snapshot: Snapshot) => void;
  readonly #failed: (message: string) => void;
  #snapshot: Snapshot;
  #timer: NodeJS.Timeout;

  /**
   * @param changed Called with every new page.
   * @param failed Called if files cannot be read at the moment. A run that starts again removes its files.
   * @throws {SoapBenchError} As `readAnyReport` does, if there is nothing to follow.
   */
  constructor(directory: string, changed: (snapshot: Snapshot) => void, failed: (message: string) => void) {
    this.#directory = directory;
    this.#changed = changed;
    this.#failed = failed;
    this.#snapshot = snapshotOf(directory, fingerprintOf(directory));
    this.#timer = setTimeout(this.#look, shortestPause);
  }

  /** The newest page that could be read. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  readonly #look = (): void => {
    const start = performance.now();
    try {
      const version = fingerprintOf(this.#directory);
      if (version !== this.#snapshot.version) {
        this.#snapshot = snapshotOf(this.#directory, version);
        this.#changed(this.#snapshot);
      }
    } catch (error) {
      this.#failed(messageOf(error));
    }
    const pause = Math.max(shortestPause, share * (performance.now() - start));
    this.#timer = setTimeout(this.#look, pause);
  };
}

function snapshotOf(directory: string, version: string): Snapshot {
  const report = readAnyReport(directory);
  return { title: titleOf([report]), version, ...pageContent([report]) };
}
