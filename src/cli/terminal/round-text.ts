import type { PlannedRound } from '../../experiment/observer.js';
import { tasksOf } from '../../experiment/rounds.js';
import { countText, plural } from '../../format.js';
import { groupBy } from '../../group-by.js';
import { sweepHeader } from '../dry-run-sweep.js';
import { experimentHeader } from '../dry-run.js';

/** What stands above the runs of a round; undefined when there is nothing to say. */
export function roundText(round: PlannedRound): string | undefined {
  const { plan, number, compared, pending } = round;
  if (plan.kind === 'experiment') return experimentHeader(plan.fixed[0]!.config);
  const waiting = new Set(pending.map(({ id }) => id));
  if (plan.tunings.length === 0) {
    return sweepHeader(plan.name, compared.length, compared.filter(({ id }) => !waiting.has(id)).length);
  }
  // Behind the last round comes what it came to.
  if (pending.length === 0 && number > 1) return undefined;
  return `${number > 1 ? '\n' : ''}${tuningText(round, waiting)}`;
}

/** `tuned, round 2 (6 of 8 tasks have ended): trying 1 setting of soap; training 1 to compare` */
function tuningText(round: PlannedRound, waiting: ReadonlySet<string>): string {
  const { plan, number, tunings, pending } = round;
  const all = tasksOf(round);
  const labels = tunings.flatMap(({ tuning, trials }) =>
    trials.filter(({ task }) => waiting.has(task.id)).map(() => tuning.label),
  );
  // A label is tuned several times where it has several values of another option.
  const tried = [...groupBy(labels, (label) => label)].map(
    ([label, { length }]) => `${plural(length, 'setting')} of ${label}`,
  );
  const trials = new Set(tunings.flatMap(({ trials: ofOne }) => ofOne.map(({ task }) => task.id)));
  const toCompare = pending.filter(({ id }) => !trials.has(id)).length;
  const next = [
    ...(tried.length === 0 ? [] : [`trying ${tried.join(', ')}`]),
    ...(toCompare === 0 ? [] : [`training ${toCompare} to compare`]),
    ...(pending.length === 0 ? ['nothing left to train'] : []),
  ];
  const ended = all.length - pending.length;
  const before = ended === 0 ? '' : ` (${countText(ended)} of ${plural(all.length, 'task')} have ended)`;
  return `${plan.name}, round ${number}${before}: ${next.join('; ')}`;
}
