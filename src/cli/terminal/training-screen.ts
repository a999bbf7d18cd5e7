import type { ChildOutcome } from '../../experiment/child-run.js';
import type { PlannedRound, TrainingObserver } from '../../experiment/observer.js';
import type { PlannedRun } from '../../experiment/planned-run.js';
import type { RunMessage } from '../../run/messages.js';
import { note, warn, warningText } from './output.js';
import { openDisplay } from './progress.js';
import type { ProgressDisplay } from './progress-display.js';
import { roundText } from './round-text.js';

/** What the terminal shows of a training; `quiet` leaves the warnings. */
export function trainingScreen({ quiet }: { readonly quiet: boolean }): TrainingObserver {
  return quiet ? { warn } : new TrainingScreen();
}

/** What a person sees while runs are trained: what is trained, the engine once, then a bar or a line a run. */
class TrainingScreen implements TrainingObserver {
  #runs: readonly PlannedRun[] = [];
  #started = new Set<string>();
  #display: ProgressDisplay | undefined;
  #said = new Set<string>();

  note(text: string): void {
    note(text);
  }

  warn(text: string, hint?: string): void {
    warn(text, hint);
  }

  roundPlanned(round: PlannedRound): void {
    const text = roundText(round);
    if (text !== undefined) note(text);
  }

  runsStarted(runs: readonly PlannedRun[]): void {
    this.#runs = runs;
    this.#started = new Set();
    this.#said = new Set();
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

  runsEnded(): void {
    this.#display?.close();
    this.#display = undefined;
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
