import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { referenceMarkdown, referenceRows, rowsBelow } from '../../src/config/reference.js';
import { optimizers } from '../../src/optim/registry.js';

describe('the reference', () => {
  it('is docs/config.md', () => {
    // When this fails: npm run docs:config
    expect(readFileSync('docs/config.md', 'utf8')).toBe(referenceMarkdown(optimizers));
  });

  it('says something about every key', () => {
    const silent = referenceRows(optimizers).filter(({ meaning }) => meaning === '');
    expect(silent.map(({ key }) => key)).toEqual([]);
  });

  it('grows by a section with an optimizer', () => {
    const sign = {
      summary: 'Follow the sign',
      options: z.strictObject({ lr: z.number().default(0.1).describe('Step.') }),
    };
    expect(referenceMarkdown({ ...optimizers, sign })).toContain('## `optimizers.sign`\n\nFollow the sign.\n');
    expect(rowsBelow(referenceRows({ sign }), 'optimizers.sign')).toEqual([
      { key: 'optimizers.sign.lr', allowed: 'a number', fallback: '0.1', required: false, meaning: 'Step.' },
    ]);
  });

  it('tells apart the defaults of the schedules', () => {
    const [row] = rowsBelow(referenceRows(optimizers), 'train.schedule.final_fraction');
    expect(row?.fallback).toBe('0 (linear), 0.1 (cosine), 0 (wsd)');
  });
});
