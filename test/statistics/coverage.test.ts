import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { meanOfSeeds } from '../../src/analysis/claims/measured.js';
import { judge } from '../../src/analysis/claims/verdict.js';
import { errorOfMean, logEstimate } from '../../src/statistics/error-parts.js';
import { holm } from '../../src/statistics/holm.js';
import { mean } from '../../src/statistics/mean.js';
import { pairedTest, testAboveZero } from '../../src/statistics/paired-test.js';
import { ratioInterval, ratioStatisticsOf, statisticsOf } from '../../src/statistics/statistics.js';
import { normalNoise, percentOf, times } from '../support/noise.js';
import { fitHoldsTruth, type Shares } from './fit-simulation.js';

/*
 * Simulated comparisons with a known truth. 4000 of them leave a percentage of 95 uncertain by 0.7 either way, 800 by 1.5.
 */
const counts = [2, 3, 5, 10];

/** Something that is simulated, and between what its percentage has to lie. */
interface Row {
  readonly what: string;
  readonly simulations: number;
  /** One simulation with so many seeds: whether it came out as is counted. */
  readonly isSo: (n: number, normal: () => number) => boolean;
  readonly least: number;
  readonly most: number;
  /** Where it is known to be outside of that: with how many seeds, and at least. */
  readonly except?: { readonly n: number; readonly least: number };
}

const holds = ({ low, high }: { low: number; high: number }, truth: number) => low <= truth && truth <= high;

/** Ratios of iterations that differ by 2% between seeds; step times by 4% between rounds, as met on a shared machine. */
function timeRatioHolds(n: number, rounds: number, normal: () => number): boolean {
  const clock = logEstimate(
    times(rounds, () => 1.1 * Math.exp(0.04 * normal())),
    'rounds',
  );
  const each = times(n, () => 0.65 * Math.exp(0.02 * normal() + clock.value));
  return holds(ratioStatisticsOf(each, clock.parts)!, 0.65 * 1.1);
}

function timeHolds(n: number, normal: () => number): boolean {
  const logs = times(5, () => Math.log(0.02) + 0.04 * normal());
  const seconds = times(n, () => (400 + 8 * normal()) * Math.exp(mean(logs)));
  return holds(statisticsOf(seconds, [errorOfMean(logs, 'rounds')])!, 8);
}

function stepRatioHolds(rounds: number, normal: () => number): boolean {
  const { value, parts } = logEstimate(
    times(rounds, () => 1.2 * Math.exp(0.05 * normal())),
    'rounds',
  );
  const [low, high] = ratioInterval(value, parts);
  return holds({ low, high }, 1.2);
}

const coverage = (what: string, isSo: Row['isSo'], more: Partial<Row> = {}): Row => {
  return { what, simulations: 4000, isSo, least: 93, most: 97, ...more };
};

const fitted = (what: string, method: 'fit' | 'mirror', shares: Shares, more: Partial<Row> = {}): Row =>
  coverage(what, (n, normal) => fitHoldsTruth(method, n, shares, normal), { simulations: 800, ...more });

const intervals: readonly Row[] = [
  coverage('mean of differences', (n, normal) => holds(statisticsOf(times(n, () => 0.3 + 0.012 * normal()))!, 0.3)),
  coverage('mean of ratios', (n, normal) =>
    holds(ratioStatisticsOf(times(n, () => 0.65 * Math.exp(0.1 * normal())))!, 0.65),
  ),
  // The approximation of Welch and Satterthwaite is this near where nearly all of the error is that of two degrees of freedom.
  coverage('ratio of times, steps timed in 3 rounds', (n, normal) => timeRatioHolds(n, 3, normal), { least: 92 }),
  coverage('ratio of times, steps timed in 6 rounds', (n, normal) => timeRatioHolds(n, 6, normal)),
  coverage('time, steps timed in 5 rounds', timeHolds),
  coverage('step time over another, so many rounds', stepRatioHolds),
  fitted('iterations by the fit, noise of each training', 'fit', {}),
  fitted('… half of it that of the seed, for all alike', 'fit', { common: 0.5 }),
  fitted('… half of it that of the seed, for each its own', 'fit', { own: 0.5 }, { except: { n: 2, least: 90 } }),
  fitted('iterations by the mirrored fit', 'mirror', {}),
];

/** A claim of so many settings, all of them exactly at its bound. */
function saysWrong(n: number, settings: number, normal: () => number): boolean {
  const verdicts = times(settings, () => {
    const differences = times(n, () => 0.1 + 0.01 * normal());
    const measured = meanOfSeeds(differences, [errorOfMean(differences, 'seeds')], '');
    return judge({ at_most: 0.1 }, measured, settings).verdict;
  });
  return verdicts.some((verdict) => verdict !== 'cannot be said');
}

function findsOne(n: number, settings: number, normal: () => number): boolean {
  const ps = times(settings, () => pairedTest(times(n, () => [normal(), normal()] as const)).p);
  return holm(ps).some((p) => p! <= 0.05);
}

const isProven = (below: number[]) => testAboveZero(below)!.p <= 0.001;

const wrong = (what: string, isSo: Row['isSo'], most = 5.7): Row => {
  return { what, simulations: 4000, isSo, least: 0, most };
};

const errors: readonly Row[] = [
  wrong('«holds» or «does not hold» of an effect at the bound', (n, normal) => saysWrong(n, 1, normal)),
  wrong('… of a claim on 5 settings, in any of them', (n, normal) => saysWrong(n, 5, normal)),
  wrong('10 paired tests without a difference, any p ≤ 0.05 by Holm', (n, normal) => findsOne(n, 10, normal)),
  // Nominal 0.1%; of 4000, 8 or fewer in all but 2% of cases.
  wrong('p ≤ 0.001 against a target', (n, normal) => isProven(times(n, () => normal())), 0.22),
  wrong('p ≤ 0.001 against a baseline', (n, normal) => isProven(times(n, () => normal() - normal())), 0.22),
];

const known = new Map<string, number>();
function percent(row: Row, n: number): number {
  const key = `${row.what} ${n}`;
  const normal = normalNoise(n);
  if (!known.has(key))
    known.set(
      key,
      percentOf(row.simulations, () => row.isSo(n, normal)),
    );
  return known.get(key)!;
}

const cases = (rows: readonly Row[]) =>
  rows.flatMap((row) => counts.map((n) => [row.what, n, row] as [string, number, Row]));

describe('in simulations with a known truth', () => {
  it.each(cases(intervals))('an interval at 95 percent holds it: %s, %i seeds', (_, n, row) => {
    expect(percent(row, n)).toBeGreaterThan(row.except?.n === n ? row.except.least : row.least);
    expect(percent(row, n)).toBeLessThan(row.most);
  });

  it.each(cases(errors))('wrong no more often than it may be: %s, %i seeds', (_, n, row) => {
    expect(percent(row, n)).toBeLessThan(row.most);
  });

  it('docs/statistics.md has these percentages; `npx vitest run test/statistics -u` writes them', async () => {
    const file = new URL('../../docs/statistics.md', import.meta.url).pathname;
    const text = readFileSync(file, 'utf8')
      .replace(/(<!-- coverage -->\n)[^]*?(<!-- \/coverage -->)/, `$1\n${tableOf(intervals, 'interval')}\n$2`)
      .replace(/(<!-- errors -->\n)[^]*?(<!-- \/errors -->)/, `$1\n${tableOf(errors, 'statement')}\n$2`);
    await expect(text).toMatchFileSnapshot(file);
  });
});

function tableOf(rows: readonly Row[], title: string): string {
  const cells = [
    [title, ...counts.map((n) => `${n} seeds`)],
    ...rows.map((row) => [row.what, ...counts.map((n) => `${percent(row, n).toFixed(row.most < 1 ? 2 : 1)}%`)]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join(' | ')} |\n`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |\n`;
  return line(cells[0]!) + rule + cells.slice(1).map(line).join('');
}

describe('what has no interval', () => {
  it('is a single seed, and a setting that missed its target', () => {
    expect(statisticsOf([3])).toEqual({ n: 1, mean: 3, sd: NaN, low: NaN, high: NaN });
    expect(ratioStatisticsOf([0.5])).toMatchObject({ n: 1, mean: 0.5, low: NaN, high: NaN });
    expect(statisticsOf([100, 120, Infinity])).toMatchObject({ n: 3, mean: Infinity, low: NaN, high: NaN });
    expect(ratioStatisticsOf([0.5, Infinity])).toMatchObject({ n: 2, mean: Infinity, low: NaN, high: NaN });
    expect(statisticsOf([])).toBeUndefined();
  });

  it('is a time whose steps were timed in one round', () => {
    const one = logEstimate([1.1], 'rounds');
    expect(ratioStatisticsOf([0.5, 0.52, 0.51], one.parts)).toMatchObject({ n: 3, low: NaN, high: NaN });
  });
});
