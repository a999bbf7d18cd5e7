import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filterRuns, parseCondition, sortRuns } from '../../src/analysis/run-filter.js';
import { clockText, parseSince } from '../../src/report/text/since.js';
import { findExperiments, type FoundRun } from '../../src/results/find.js';
import { experimentDirectory, failureOf } from '../report/helpers.js';

function runs(): readonly FoundRun[] {
  const directory = experimentDirectory({
    steps: 10,
    runs: {
      adamw: { lr: 0.01, losses: [[10, 5]] },
      lion: { lr: 0.1, losses: [[10, 4]], status: { state: 'diverged' } },
      shampoo: { notStarted: true },
      soap: {
        losses: [
          [0, 3.5],
          [10, 4.5],
        ],
      },
    },
  });
  return findExperiments(dirname(directory))[0]!.runs;
}

const settings = (found: readonly FoundRun[]) => found.map(({ setting }) => setting);
const where = (...conditions: string[]) => settings(filterRuns(runs(), conditions.map(parseCondition)));

describe('conditions', () => {
  it('compare numbers; what has none meets none, and a diverged run has an infinite loss', () => {
    expect(where('final_loss<5')).toEqual(['soap']);
    expect(where('final_loss <= 5')).toEqual(['adamw', 'soap']);
    expect(where('final_loss>4.5')).toEqual(['adamw', 'lion']);
    expect(where('final_loss=inf')).toEqual(['lion']);
    expect(where('best_loss<=4')).toEqual(['lion', 'soap']);
    expect(where('final_loss<inf')).toEqual(['adamw', 'soap']);
  });

  it('all have to hold', () => {
    expect(where('final_loss<6', 'lr=0.01')).toEqual(['adamw']);
    expect(where('lr>0.003', 'lr!=1e-2')).toEqual(['lion']);
  });

  it('take words, keys of the configuration and options of the optimizer', () => {
    expect(where('state=not_started')).toEqual(['shampoo']);
    expect(where('state!=finished')).toEqual(['lion', 'shampoo']);
    expect(where('train.steps>=10', 'model.qk_norm=true', 'data.corpus=sotu')).toHaveLength(4);
    expect(where('train.steps>10')).toEqual([]);
    // Only the two have the option.
    expect(where('precondition_frequency>0')).toEqual(['shampoo', 'soap']);
    expect(where('started_at>2025-01-01')).toEqual(['adamw', 'lion', 'soap']);
  });

  it('are refused when they are none', () => {
    for (const text of ['final_loss', '<4', 'final_loss<', 'a b=3']) {
      expect(failureOf(() => parseCondition(text))).toMatchObject({ code: 'condition_invalid', exitCode: 2 });
    }
    expect(failureOf(() => where('final_loss<low')).message).toBe('final_loss is a number, and "low" is none');
    const failure = failureOf(() => where('final_los<4'));
    expect(failure).toMatchObject({ code: 'field_unknown', exitCode: 2 });
    expect(failure.message).toContain('did you mean "final_loss"?');
  });
});

describe('sorting', () => {
  it('puts the least first and what is unknown at the end', () => {
    expect(settings(sortRuns(runs(), 'final_loss'))).toEqual(['soap', 'adamw', 'lion', 'shampoo']);
    expect(settings(sortRuns(runs(), 'lr'))).toEqual(['shampoo', 'soap', 'adamw', 'lion']);
    expect(settings(sortRuns(runs(), 'setting'))).toEqual(['adamw', 'lion', 'shampoo', 'soap']);
    expect(failureOf(() => sortRuns(runs(), 'loss')).code).toBe('field_unknown');
  });
});

describe('--since', () => {
  const now = new Date('2026-11-22T12:00:00Z');

  it('takes how long ago, days and times', () => {
    expect(parseSince('90m', now).toISOString()).toBe('2026-11-22T10:30:00.000Z');
    expect(parseSince('12h', now).toISOString()).toBe('2026-11-22T00:00:00.000Z');
    expect(parseSince('1.5d', now).toISOString()).toBe('2026-11-21T00:00:00.000Z');
    expect(parseSince('2w', now).toISOString()).toBe('2026-11-08T12:00:00.000Z');
    expect(parseSince('2026-11-22').getTime()).toBe(new Date(2026, 10, 22).getTime());
    expect(parseSince('2026-11-22T14:30').getTime()).toBe(new Date(2026, 10, 22, 14, 30).getTime());
    expect(clockText(new Date(2026, 10, 2, 4, 5).toISOString())).toBe('2026-11-02 04:05');
  });

  it('refuses what is no time', () => {
    for (const text of ['yesterday', '3', '3y', '2026-13-40', '']) {
      expect(failureOf(() => parseSince(text, now))).toMatchObject({ code: 'time_invalid', exitCode: 2 });
    }
  });
});
