import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  experimentFolders,
  figureFolderName,
  isFigureFolder,
  readFigureFile,
  writeFigureFile,
  type FigureFile,
} from '../../src/reproduce/figure-folder.js';

const headline: FigureFile = {
  figure: 'headline',
  profile: 'standard',
  protocol: 'paper',
  scale: null,
  experiments: ['360m', '660m'],
};

describe('the folder of a figure', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'figure-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['headline', {}],
    ['headline-quick', { profile: 'quick' }],
    ['headline-strong', { protocol: 'strong' }],
    ['headline-quick-strong', { profile: 'quick', protocol: 'strong' }],
    ['headline-1of4', { scale: '1/4' }],
    ['headline-quick-1of4', { profile: 'quick', scale: '1 / 4' }],
  ] as const)('is called %s', (name, variant) => {
    expect(figureFolderName({ ...headline, ...variant })).toBe(name);
  });

  it('holds what was written', () => {
    const below = join(folder, 'deep', 'headline');
    expect(isFigureFolder(below)).toBe(false);
    writeFigureFile(below, headline);
    expect(isFigureFolder(below)).toBe(true);
    expect(readFigureFile(below)).toEqual(headline);
    expect(experimentFolders(below)).toEqual([join(below, '360m'), join(below, '660m')]);
    expect(readFileSync(join(below, 'figure.json'), 'utf8')).toBe(
      '{"figure":"headline","profile":"standard","protocol":"paper","scale":null,"experiments":["360m","660m"]}\n',
    );
  });

  it.each([
    ['an unknown figure', { figure: 'headlines' }],
    ['an experiment outside of the folder', { experiments: ['../other'] }],
    ['a scale that is no fraction', { scale: 'half' }],
    ['a key of its own', { colour: 'red' }],
  ])('is refused with %s', (_what, wrong) => {
    writeFileSync(join(folder, 'figure.json'), JSON.stringify({ ...headline, ...wrong }));
    expect(() => readFigureFile(folder)).toThrow(expect.objectContaining({ code: 'results_damaged' }));
  });
});
