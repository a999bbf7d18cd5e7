import type { ClaimRow } from '../../analysis/claims/claims.js';
import type { Verdict } from '../../analysis/claims/verdict.js';
import { plural } from '../../format.js';

/** `Of the paper’s 4 claims, 2 hold here, 1 does not, and 1 cannot be judged.`, a sentence an experiment. */
export function verdictsText(rows: readonly ClaimRow[], experiment: string): string {
  const own = rows.filter((row) => row.experiment === experiment);
  const claims = [...new Set(own.map(({ claim }) => claim))];
  const verdicts = claims.map((claim) => overall(own.filter((row) => row.claim === claim)));
  const [only, ...others] = verdicts;
  if (only !== undefined && others.length === 0) return `The paper’s only claim ${alone[only]}.`;
  const count = (verdict: Verdict) => verdicts.filter((one) => one === verdict).length;
  const [holds, fails, open, unbound] = (
    ['holds', 'does not hold', 'cannot be said', 'no bound in the paper'] as const
  ).map(count) as [number, number, number, number];
  const parts = [
    ...(holds === 0 ? [] : [`${plural(holds, 'holds', 'hold')} here`]),
    ...(fails === 0 ? [] : [`${plural(fails, 'does', 'do')} not${holds === 0 ? ' hold here' : ''}`]),
    ...(open === 0 ? [] : [`${open} cannot be judged`]),
    ...(unbound === 0 ? [] : [`${plural(unbound, 'gives', 'give')} no bound`]),
  ];
  const last = parts.pop();
  const list = parts.length === 0 ? last : `${parts.join(', ')}, and ${last}`;
  return `Of the paper’s ${claims.length} claims, ${list}.`;
}

const alone: Readonly<Record<Verdict, string>> = {
  holds: 'holds here',
  'does not hold': 'does not hold here',
  'cannot be said': 'cannot be judged here',
  'no bound in the paper': 'gives no bound to judge by',
};

/** Of a claim that speaks of several settings: it holds when it does in all of them, and does not when it does not in one. */
function overall(rows: readonly ClaimRow[]): Verdict {
  const verdicts = rows.map(({ verdict }) => verdict);
  const one = (['does not hold', 'cannot be said', 'no bound in the paper'] as const).find((verdict) =>
    verdicts.includes(verdict),
  );
  return one ?? 'holds';
}
