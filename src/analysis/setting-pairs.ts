import { holm } from '../statistics/holm.js';
import { pairedTest, type PairedTest } from '../statistics/paired-test.js';
import type { Setting, SettingMeasure, SettingsTable } from './settings.js';
import { plural } from '../format.js';

/** Two settings, seed by seed. */
export interface SettingPair {
  readonly first: Setting;
  readonly second: Setting;
  readonly measure: Exclude<SettingMeasure, 'train_time_s'>;
  /** The seeds with which both came to their end, with a finite number. */
  readonly seeds: readonly number[];
  /** Undefined without such seeds. */
  readonly test: PairedTest | undefined;
  /** Its p corrected for all pairs of the table; null where it has none. */
  readonly p_holm: number | null;
  /** Why seeds that both have are left out, and whether pairs are what they seem. */
  readonly remarks: readonly string[];
}

/**
 * Which settings are held against which: those of two experiments that are called the same; else each against the first.
 * Step counts are compared when there is a target.
 */
export function settingPairs({ settings, target, differing, slope }: SettingsTable): SettingPair[] {
  const measures = target === undefined ? (['final_loss'] as const) : (['final_loss', 'steps_to_target'] as const);
  const pairs = couples(settings).flatMap(([first, second]) =>
    measures.map((measure) => pairOf(first, second, measure, { differing, slope })),
  );
  const corrected = holm(pairs.map(({ test }) => test?.p ?? null));
  return pairs.map((pair, i) => ({ ...pair, p_holm: corrected[i]! }));
}

function couples(settings: readonly Setting[]): [Setting, Setting][] {
  const experiments = [...new Set(settings.map(({ experiment }) => experiment))];
  const [first, ...others] = settings;
  if (first === undefined) return [];
  if (experiments.length === 2 && settings.length > 2) {
    const of = (experiment: string) => settings.filter((setting) => setting.experiment === experiment);
    const same = of(experiments[0]!).flatMap((setting): [Setting, Setting][] => {
      const partners = of(experiments[1]!).filter(({ title }) => title === setting.title);
      return partners.map((partner) => [setting, partner]);
    });
    if (same.length > 0) return same;
  }
  return others.map((other) => [first, other]);
}

function pairOf(
  first: Setting,
  second: Setting,
  measure: SettingPair['measure'],
  { differing, slope }: Pick<SettingsTable, 'differing' | 'slope'>,
): Omit<SettingPair, 'p_holm'> {
  const shared = first.trainings.flatMap((a) => {
    const b = second.trainings.find(({ seed }) => seed === a.seed);
    return b === undefined ? [] : [{ seed: a.seed, pair: [a[measure], b[measure]] as const }];
  });
  const complete = shared.filter(({ pair }) => pair.every((value) => value !== undefined));
  const finite = complete.filter(({ pair }) => pair.every(Number.isFinite));
  const longer = measure === 'final_loss' ? first.steps - second.steps : 0;
  // What the second would gain, or lose, if it were trained for as many steps as the first.
  const gain = longer * (slope ?? 0);
  const pairs = finite.map(({ pair: [a, b] }) => [a!, b! - gain] as const);
  const lost = complete.length - finite.length;
  const what = measure === 'final_loss' ? 'diverged' : 'did not reach the target';
  const other = differing
    .filter((key) => /^(model|data)\.|^train\.batch_tokens$/.test(key))
    .filter(differ(first, second));
  return {
    first,
    second,
    measure,
    seeds: finite.map(({ seed }) => seed),
    test: pairs.length === 0 ? undefined : pairedTest(pairs),
    remarks: [
      ...(lost === 0 ? [] : [`${lost} of ${plural(complete.length, 'pair')} left out: a run ${what}`]),
      ...(longer === 0 ? [] : [lengthRemark(first, second, slope)]),
      ...(other.length === 0 ? [] : [`pairs share the seed, not weights and batches: ${other.join(', ')} differ`]),
    ],
  };
}

/**
 * Losses of unequal trainings do not compare by themselves. modded-nanogpt's third track takes a step as worth so many nats.
 */
function lengthRemark(first: Setting, second: Setting, slope: number | undefined): string {
  const lengths = `${first.steps} and ${plural(second.steps, 'step')}`;
  return slope === undefined
    ? `trained for ${lengths}: --slope says what a step is worth`
    : `trained for ${lengths}, a step taken as ${slope} nats`;
}

const differ =
  (first: Setting, second: Setting) =>
  (key: string): boolean =>
    JSON.stringify(first.values[key]) !== JSON.stringify(second.values[key]);
