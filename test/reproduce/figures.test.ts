import { describe, expect, it } from 'vitest';
import { figureNamed, figures } from '../../src/reproduce/figures.js';

describe('the figures', () => {
  it('have names of their own, experiments and claims', () => {
    const ids = figures.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, experiments, claims } of figures) {
      expect(id).toMatch(/^[a-z-]+$/);
      expect(experiments.length).toBeGreaterThan(0);
      expect(claims.length).toBeGreaterThan(0);
    }
  });

  it('are found by name', () => {
    expect(figureNamed('galore').paper).toBe('Appendix B');
  });

  it('say which there are when one is unknown', () => {
    expect(() => figureNamed('headlin')).toThrow(
      expect.objectContaining({
        code: 'unknown_figure',
        exitCode: 2,
        message: expect.stringMatching(/one of headline, frequency, .* did you mean "headline"\?$/) as string,
      }),
    );
  });

  it('have claims whose numbers are the percentages of their words', () => {
    const inPercent = figures.flatMap(({ claims }) => claims).filter(({ text }) => text.includes('%'));
    const bounds = inPercent.map(({ text, about }) => [
      /\d+%.*/.exec(text)![0],
      about && 'at_most' in about && about.at_most,
    ]);
    expect(bounds).toEqual([
      ['40% fewer iterations than AdamW', 0.6],
      ['35% less time than AdamW', 0.65],
      ['20% fewer iterations than Shampoo', 0.8],
      ['20% less time than Shampoo', 0.8],
      ['25% fewer iterations than AdamW', 0.75],
    ]);
  });
});
