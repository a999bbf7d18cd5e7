import type { Choice } from '../config/sweep/expand.js';
import type { RunConfig } from '../config/run-config.js';

/** The keys that settings were swept or tuned over, options of optimizers without `optimizers.<label>.`. */
export function sweptKeys(
  settings: readonly { readonly label: string; readonly choices: readonly Choice[] }[],
): string[] {
  const keys = settings.flatMap(({ label, choices }) =>
    choices.map(({ key }) => key.replace(`optimizers.${label}.`, '')),
  );
  return [...new Set(keys)];
}

/** The value of such a key in a run, swept or not; undefined for an option that its optimizer does not have. */
export function valueAt(config: RunConfig, key: string): unknown {
  const inside = (start: unknown) =>
    key.split('.').reduce((value, part) => (value as Record<string, unknown> | undefined)?.[part], start);
  return inside(config.options) ?? inside(config);
}
