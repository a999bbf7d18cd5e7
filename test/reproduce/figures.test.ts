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
        ...{ code: 'unknown_figure', exitCode: 2 },
        message: expect.stringMatching(/one of headline, frequency, .* did you mean "headline"\?$/) as string,
      }),
    );
  });

  it.each(figures.flatMap(({ id, claims }) => claims.map((claim) => [id, claim.text, claim] as const)))(
    '%s: "%s" has the percentages of its numbers',
    (_id, text, { about }) => {
      const [, percent] = /(\d+)%/.exec(text) ?? [];
      if (percent === undefined) return;
      expect(about).toMatchObject({ at_most: 1 - Number(percent) / 100 });
    },
  );
});
