import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { claimRows, type ClaimRow } from '../../../src/analysis/claims/claims.js';
import { withoutInterval } from '../../../src/analysis/claims/measured.js';
import { measuredText } from '../../../src/report/text/claim-text.js';
import { noteOf } from '../../../src/table/table.js';
import { claimsTable } from '../../../src/report/tables/claims-table.js';
import { readFigureReport } from '../../../src/report/figure-report.js';
import { readReport } from '../../../src/report/report-data.js';
import { verdictsText } from '../../../src/report/text/verdicts-text.js';
import type { Verdict } from '../../../src/analysis/claims/verdict.js';
import type { Claim } from '../../../src/reproduce/claim.js';
import { figureNamed } from '../../../src/reproduce/figures.js';
import { taskIds } from '../../report/sweep-helpers.js';
import { frequencySweep, headlineFigure, settingsDirectory } from '../../report/contest.js';

/** What a claim says, where it was measured, and what came out. */
const said = ({ claim, measured, verdict, why }: ClaimRow) => [claim.text, measured.where, verdict, why];

describe('the claims of the headline figure', () => {
  it('are held against the fits, seed by seed, AdamW’s and Shampoo’s', () => {
    const { claims, experiments, notBegun } = readFigureReport(headlineFigure());
    expect([experiments.map(({ name }) => name), notBegun]).toEqual([['360m'], ['660m']]);
    const [overAdamw, timeOverAdamw, overShampoo, timeOverShampoo] = claims.map(({ measured }) => measured);
    // The curves are known: 0.55 of the iterations of AdamW, 0.55 / 0.72 of Shampoo's; 30 ms against 20 and 34.
    expect(overAdamw!.value).toBeCloseTo(0.55, 2);
    expect(timeOverAdamw!.value).toBeCloseTo((0.55 * 30) / 20, 2);
    expect(overShampoo!.value).toBeCloseTo(0.55 / 0.72, 2);
    expect(timeOverShampoo!.value).toBeCloseTo((0.55 / 0.72) * (30 / 34), 2);
    expect(claims.map(({ verdict }) => verdict)).toEqual(['holds', 'does not hold', 'holds', 'holds']);
    expect(claims.every(({ measured }) => measured.n === 3 && measured.low < measured.value)).toBe(true);
  });

  it('say nothing for sure with one seed, nor where nothing was trained', () => {
    const { claims } = readFigureReport(headlineFigure([0]));
    expect(claims.map(({ verdict, why }) => `${verdict}: ${why}`)).toEqual(
      Array.from({ length: 4 }, () => 'cannot be said: measured once, it has no interval'),
    );
    expect(claims[0]!.measured.value).toBeCloseTo(0.55, 2);
    const [first] = claimRows(figureNamed('headline').claims, [
      { name: '360m', data: readReport(settingsDirectory()) },
    ]);
    expect([first!.verdict, first!.why]).toEqual([
      'cannot be said',
      'soap and adamw have not been trained for several lengths each',
    ]);
  });

  /** The figure with other final losses of AdamW. */
  function withAdamwAt(loss: number, seeds?: number[]): string {
    const directory = headlineFigure(seeds);
    const { tasks } = JSON.parse(readFileSync(join(directory, '360m', 'tasks.json'), 'utf8')) as {
      tasks: { id: string; optimizer: string }[];
    };
    for (const { id } of tasks.filter(({ optimizer }) => optimizer === 'adamw')) {
      const file = join(directory, '360m', 'runs', id, 'eval.csv');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/(,val,)[\d.]+(,[\d.]+,[\d.]+\n)$/, `$1${loss}$2`));
    }
    return directory;
  }

  it('are judged where a fit gave no number, by what was trained', () => {
    // Below everything that soap came to: more than all of its 40 steps.
    const { claims: missed, experiments } = readFigureReport(withAdamwAt(2.9));
    expect([missed[0]!.verdict, measuredText(missed[0]!)]).toEqual(['does not hold', '> 1.00×']);
    expect(missed[0]!.measured).toMatchObject({ value: Infinity, low: 1, high: Infinity });
    expect(experiments[0].data.headline).not.toContain('needs');
    // Above everything: fewer than its shortest training.
    const { claims, experiments: again } = readFigureReport(withAdamwAt(3.6));
    expect([claims[0]!.verdict, measuredText(claims[0]!)]).toEqual(['holds', '< 0.50×']);
    expect(claims[0]!.measured).toMatchObject({ value: 0, low: 0, high: 0.5 });
    expect([claims[1]!.verdict, measuredText(claims[1]!)]).toEqual(['cannot be said', '< 0.75×']);
    expect(claims[1]!.why).toBe('the interval reaches across 0.65');
    expect(again[0].data.headline).toMatch(
      /^soap needs < 0\.50× the iterations and < 0\.75× the training time of adamw .* 20 steps end below that already, 3 seeds\.$/,
    );
    const [alone] = readFigureReport(withAdamwAt(3.6, [0])).claims;
    expect([alone!.verdict, measuredText(alone!)]).toEqual(['cannot be said', '< 0.50×']);
  });

  it('have no verdict on time when other trainings ran beside', () => {
    const directory = headlineFigure();
    const file = join(directory, '360m', 'runs', taskIds(join(directory, '360m'))[0]!, 'status.json');
    const status = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...status, shared_machine: true }));
    const [iterations, time] = readFigureReport(directory).claims;
    expect(iterations!.verdict).toBe('holds');
    expect([time!.verdict, time!.why]).toEqual([
      'cannot be said',
      expect.stringContaining('soap-bench time') as string,
    ]);
  });
});

describe('claims on final losses', () => {
  const rowsOf = (directory: string) =>
    claimRows(figureNamed('frequency').claims, [{ name: '360m', data: readReport(directory) }]);

  it('are held against differences at every value of an option, seed by seed', () => {
    const rows = rowsOf(frequencySweep());
    const everywhere = 'ends below AdamW at every frequency from 1 to 100';
    expect(rows.map(said)).toEqual([
      [`SOAP ${everywhere}`, 'precondition_frequency=1', 'holds', ''],
      [`SOAP ${everywhere}`, 'precondition_frequency=10', 'holds', ''],
      [`SOAP ${everywhere}`, 'precondition_frequency=100', 'holds', ''],
      [`Shampoo ${everywhere}`, 'precondition_frequency=1', 'holds', ''],
      [`Shampoo ${everywhere}`, 'precondition_frequency=10', 'holds', ''],
      [`Shampoo ${everywhere}`, 'precondition_frequency=100', 'does not hold', ''],
      [expect.stringContaining('quite close') as string, 'precondition_frequency=1', 'no bound in the paper', ''],
      [expect.stringContaining('rarer refreshes') as string, '', 'holds', ''],
    ]);
    const [first] = rows;
    // Both have the same noise at the first value.
    expect(first!.measured).toMatchObject({ value: expect.closeTo(-0.3, 6) as number, n: 3 });
    // 0.1 against 0.39.
    expect(rows.at(-1)!.measured.value).toBeCloseTo(-0.29, 6);
  });

  it('say which setting has not been trained', () => {
    const directory = frequencySweep();
    const file = join(directory, 'tasks.json');
    const list = JSON.parse(readFileSync(file, 'utf8')) as {
      tasks: { optimizer: string; choices: { value: number }[] }[];
    };
    const tasks = list.tasks.filter(({ optimizer, choices }) => optimizer !== 'shampoo' || choices[0]!.value !== 100);
    writeFileSync(file, JSON.stringify({ ...list, tasks }));
    const last = rowsOf(directory).at(-1)!;
    expect([last.verdict, last.why]).toEqual([
      'cannot be said',
      'shampoo has not been trained with precondition_frequency=100',
    ]);
  });
});

describe('the sentence on all claims', () => {
  const of = (verdicts: [text: string, verdict: Verdict][]) => {
    const claims = new Map(
      verdicts.map(([text]): [string, Claim] => [text, { text, source: { where: '', grade: 'text' } }]),
    );
    const measured = withoutInterval(1, 2, '', '');
    const rows = verdicts.map(([text, verdict]) => ({
      claim: claims.get(text)!,
      experiment: '1m',
      measured,
      verdict,
      why: '',
    }));
    return verdictsText(rows, '1m');
  };

  it('counts them', () => {
    expect(of([['a', 'holds']])).toBe('The paper’s only claim holds here.');
    expect(of([['a', 'no bound in the paper']])).toBe('The paper’s only claim gives no bound to judge by.');
    expect(
      of([
        ['a', 'holds'],
        ['b', 'holds'],
        ['c', 'does not hold'],
        ['d', 'cannot be said'],
        ['e', 'no bound in the paper'],
      ]),
    ).toBe('Of the paper’s 5 claims, 2 hold here, 1 does not, 1 cannot be judged, and 1 gives no bound.');
  });

  it('says where they hold or not also when none does', () => {
    const none: [text: string, verdict: Verdict][] = [
      ['a', 'does not hold'],
      ['b', 'does not hold'],
    ];
    expect(of(none)).toBe('Of the paper’s 2 claims, 2 do not hold here.');
    expect(of([...none, ['c', 'cannot be said']])).toBe(
      'Of the paper’s 3 claims, 2 do not hold here, and 1 cannot be judged.',
    );
  });

  it('takes one on several settings as a whole', () => {
    expect(
      of([
        ['a', 'holds'],
        ['a', 'cannot be said'],
        ['b', 'holds'],
        ['b', 'does not hold'],
        ['b', 'cannot be said'],
        ['c', 'holds'],
        ['c', 'holds'],
      ]),
    ).toBe('Of the paper’s 3 claims, 1 holds here, 1 does not, and 1 cannot be judged.');
  });
});

describe('the table of claims', () => {
  it('has every number with its interval in its CSV, and reads as it was judged', () => {
    const { claims } = readFigureReport(headlineFigure());
    const table = claimsTable(claims);
    const records: Record<string, string>[] = parse(table.csv, { columns: true });
    expect(records.map(({ value, verdict }) => [Number(value), verdict])).toEqual(
      claims.map(({ measured, verdict }) => [measured.value, verdict]),
    );
    const { value, low, high } = claims[0]!.measured;
    expect(records[0]).toMatchObject({
      at_most: '0.6',
      at_least: '',
      value_low: String(low),
      value_high: String(high),
      n: '3',
    });
    const texts = table.rows[0]!.map(({ text }) => text);
    expect(texts).toEqual([
      'SOAP needs over 40% fewer iterations than AdamW',
      'abstract',
      'at most 0.60×',
      '360m',
      `${value.toFixed(2)}× [${low.toFixed(2)}, ${high.toFixed(2)}]`,
      'holds',
    ]);
    expect(table.rows[2]![2]!.text).toBe('about 0.80×');
    expect(noteOf(table)).not.toContain('second hand');
  });

  it('says which loss is less which', () => {
    const data = readReport(frequencySweep());
    const table = claimsTable(claimRows(figureNamed('frequency').claims, [{ name: '360m', data }]));
    expect(noteOf(table)).toContain('seed by seed: soap less adamw, shampoo less adamw, soap less shampoo. [ ]:');
  });

  it('says when a folder has nothing to hold claims against', () => {
    const directory = headlineFigure();
    rmSync(join(directory, '360m'), { recursive: true });
    expect(() => readFigureReport(directory)).toThrow(/nothing has been trained yet, of 360m or 660m/);
  });
});
