import type { ChildOutcome } from '../../experiment/child-run.js';
import type { PlannedRun } from '../../experiment/plan.js';
import type { RunObserver } from '../../experiment/train-runs.js';
import type { RunMessage } from '../../run/messages.js';
import { note, warningText } from './output.js';
import { openDisplay } from './progress.js';
import type { ProgressDisplay } from './progress-display.js';

/** What a person sees while an experiment runs: the engine once, then a bar or a line a run. */
export class RunScreen implements RunObserver {
  readonly #runs: readonly PlannedRun[];
  readonly #started = new Set<string>();
  #display: ProgressDisplay | undefined;
  #said = new Set<string>();

  /** @param runs In the order in which they will be trained. */
  constructor(runs: readonly PlannedRun[]) {
    this.#runs = runs;
  }

  runStarted({ label }: PlannedRun): void {
    this.#started.add(label);
    // The bars wait for the first word of the engine, which stands above them.
    this.#display?.start(label);
  }

  message({ label }: PlannedRun, message: RunMessage): void {
    if (message.type === 'fallback') this.#once(warningText(message.line));
    else if (message.type === 'warning') this.#say(warningText(`${label}: ${message.line}`));
    else if (message.type === 'engine') {
      const { engine, version, device, compiled } = message;
      this.#once(`engine ${engine} ${version} on ${device}${compiled ? ', steps compiled' : ''}\n`);
      this.#display ??= this.#open();
    } else if (message.type === 'step') this.#display?.step(label, message.row);
    else if (message.type === 'evaluation') this.#display?.evaluation(label, message.row);
  }

  runEnded({ label }: PlannedRun, outcome: ChildOutcome): void {
    this.#display?.end(label, outcome.kind === 'error' ? 'failed' : outcome.state);
  }

  close(): void {
    this.#display?.close();
  }

  #open(): ProgressDisplay {
    const display = openDisplay(
      this.#runs.map(({ label, config: { train } }) => {
        return { label, steps: train.steps, batchTokens: train.batch_tokens };
      }),
    );
    for (const label of this.#started) display.start(label);
    return display;
  }

  #once(line: string): void {
    if (this.#said.has(line)) return;
    this.#said.add(line);
    this.#say(line);
  }

  #say(line: string): void {
    if (this.#display === undefined) note(line);
    else this.#display.say(line);
  }
}
