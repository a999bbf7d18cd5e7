import type { ClaimRow } from '../../analysis/claims/claims.js';
import type { Verdict } from '../../analysis/claims/verdict.js';

/** `Of 4 claims of the paper 2 hold here, 1 does not, and 1 cannot be judged.`, a sentence an experiment. */
export function verdictsText(rows: readonly ClaimRow[], experiment: string): string {
  const own = rows.filter((row) => row.experiment === experiment);
  const claims = [...new Set(own.map(({ claim }) => claim))];
  const verdicts = claims.map((claim) => overall(own.filter((row) => row.claim === claim)));
  const count = (verdict: Verdict) => verdicts.filter((one) => one === verdict).length;
  const [holds, fails, open, unbound] = (
    ['holds', 'does not hold', 'cannot be said', 'no bound in the paper'] as const
  ).map(count) as [number, number, number, number];
  const parts = [
    ...(holds === 0 ? [] : [`${holds} ${holds === 1 ? 'holds' : 'hold'} here`]),
    ...(fails === 0 ? [] : [`${fails} ${fails === 1 ? 'does' : 'do'} not${holds === 0 ? ' hold here' : ''}`]),
    ...(open === 0 ? [] : [`${open} cannot be judged`]),
    ...(unbound === 0 ? [] : [`${unbound} ${unbound === 1 ? 'gives' : 'give'} no bound`]),
  ];
  const last = parts.pop();
  const list = parts.length === 0 ? last : `${parts.join(', ')}, and ${last}`;
  return `Of ${claims.length} ${claims.length === 1 ? 'claim' : 'claims'} of the paper ${list}.`;
}

/** Of a claim that speaks of several settings: it holds when it does in all of them, and does not when it does not in one. */
function overall(rows: readonly ClaimRow[]): Verdict {
  const verdicts = rows.map(({ verdict }) => verdict);
  const one = (['does not hold', 'cannot be said', 'no bound in the paper'] as const).find((verdict) =>
    verdicts.includes(verdict),
  );
  return one ?? 'holds';
}
