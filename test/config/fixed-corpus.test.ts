import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadExperiment, loadSweep, parseExperiment } from '../../src/config/load.js';
import { corpusTitle, fixedCorpus } from '../../src/data/corpus-path.js';
import { planTasks } from '../../src/experiment/tasks.js';
import { folderWith } from '../data/helpers.js';

const files = ['test/config/overridden.yaml'];

/** A folder of texts, links to it, and a link to a file without an ending, as stores of downloads have them. */
function workplace() {
  const folder = realpathSync(folderWith({ 'texts/a.txt': 'a', 'store/0123abcd': 'b', 'one.txt': 'c' }));
  symlinkSync(join(folder, 'texts'), join(folder, 'linked'));
  symlinkSync(join(folder, 'store/0123abcd'), join(folder, 'stored.txt'));
  symlinkSync(join(folder, 'one.txt'), join(folder, 'other.txt'));
  return folder;
}

describe('what a corpus means', () => {
  it.each([
    ['.', 'texts', '/texts'],
    ['.', './texts', '/texts'],
    ['.', 'texts/', '/texts'],
    ['.', 'texts//', '/texts'],
    ['.', 'store/../texts', '/texts'],
    ['.', 'linked', '/texts'],
    ['texts', '.', '/texts'],
    ['texts', '../linked/', '/texts'],
    ['.', 'one.txt', '/one.txt'],
    ['.', 'other.txt', '/one.txt'],
    ['.', 'stored.txt', '/stored.txt'],
    ['.', 'nowhere/x', '/nowhere/x'],
  ])('in %s, %s is %s of the folder', (below, word, expected) => {
    const folder = workplace();
    const before = process.cwd();
    process.chdir(join(folder, below));
    try {
      expect(fixedCorpus(word)).toBe(folder + expected);
      expect(fixedCorpus(folder + expected)).toBe(folder + expected);
    } finally {
      process.chdir(before);
    }
  });

  it('is a built-in text where the word is its name, also beside a folder of that name', () => {
    expect(fixedCorpus('sotu')).toBe('sotu');
    expect(fixedCorpus('./sotu')).toBe(join(process.cwd(), 'sotu'));
  });

  it('has a short title', () => {
    expect(corpusTitle('/data/texts')).toBe('texts');
    expect(corpusTitle('moby-dick')).toBe('moby-dick');
  });
});

describe('a configuration from files and words', () => {
  it('has the absolute path', () => {
    const folder = workplace();
    const near = relative('', join(folder, 'texts'));
    expect(loadExperiment({ files, overrides: [`data.corpus=${near}/`] }).data.corpus).toBe(join(folder, 'texts'));
    expect(loadSweep({ files, overrides: [`data.corpus=${near}`] }).config.data.corpus).toBe(join(folder, 'texts'));
  });

  it('keeps the order of its keys', () => {
    const { config } = loadSweep({ files, overrides: [] });
    expect(Object.keys(config)).toEqual(Object.keys(parseExperiment(config)));
  });

  it('keeps a path that is not there when it is for another machine', () => {
    const { config } = loadSweep({ files, overrides: ['data.corpus=there/c4'] }, { anyCorpus: true });
    expect(config.data.corpus).toBe(join(process.cwd(), 'there/c4'));
  });

  it('makes one task of all spellings of a path, and stores absolute paths in every form of a sweep', () => {
    const folder = workplace();
    const near = relative('', folder);
    const spellings = [`${near}/texts`, `${near}/./texts/`, `${folder}/texts`, `${folder}/linked`];
    const list = loadSweep({ files, overrides: [`data.corpus=[${spellings.join(', ')}]`, '~optimizers.adamw'] });
    expect(new Set(planTasks(list.variants!, 'soap').map(({ id }) => id)).size).toBe(1);
    expect(list.source.data).toMatchObject({ corpus: spellings.map(() => join(folder, 'texts')) });
    // What is shown is what was typed.
    expect(list.variants!.map(({ choices }) => choices[0]!.value)).toEqual(spellings);
    const yaml = join(folder, 'sweep.yaml');
    const values = `[${spellings[0]!}, sotu]`;
    writeFileSync(yaml, `sweep: { parameters: { data.corpus: { values: ${values} } } }\n`);
    const fixed = [join(folder, 'texts'), 'sotu'];
    const grid = loadSweep({ files: [...files, yaml], overrides: [] });
    expect(grid.source.sweep).toEqual({ parameters: { 'data.corpus': { values: fixed } } });
    writeFileSync(yaml, `sweep: { parameters: { data: { parameters: { corpus: { values: ${values} } } } } }\n`);
    const nested = loadSweep({ files: [...files, yaml], overrides: [] });
    expect(nested.source.sweep).toEqual({ parameters: { data: { parameters: { corpus: { values: fixed } } } } });
    writeFileSync(yaml, `sweep: { zip: { data.corpus: ${values}, train.steps: [20, 40] } }\n`);
    const zip = loadSweep({ files: [...files, yaml], overrides: [] });
    expect(zip.source.sweep).toEqual({ zip: { 'data.corpus': fixed, 'train.steps': [20, 40] } });
    expect(zip.variants!.map(({ config }) => config.data.corpus)).toEqual(expect.arrayContaining(fixed));
  });

  it('names the word that was typed when nothing is there', () => {
    mkdirSync(join(workplace(), 'empty'));
    expect(() => loadExperiment({ files, overrides: ['data.corpus=nowhere/texts'] })).toThrow(
      'found "nowhere/texts", expected sotu',
    );
  });
});
