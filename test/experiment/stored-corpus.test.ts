import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { storedData } from '../../src/experiment/stored-corpus.js';
import { failureOf, folderWith } from '../data/helpers.js';

const data = (corpus: string) => ({ corpus, tokenizer: 'byte' as const, val_fraction: 0.1, shuffle: true });

/** A folder of an earlier version, whose configurations have the path as it was typed. */
const earlier = () =>
  folderWith({
    'runs/adamw/config.yaml': 'data: { corpus: sotu }',
    'runs/adamw/dataset.json': '{ "source": "npm package" }',
    'runs/shampoo/config.yaml': 'data: { corpus: texts }',
    'runs/soap/config.yaml': 'data: { corpus: texts }',
    'runs/soap/dataset.json': '{ "source": "/where/it/was/texts" }',
  });

describe('the data of a stored configuration', () => {
  it.each(['sotu', '/data/texts', '/data/a.txt'])('are as they stand for %s', (corpus) => {
    expect(storedData(data(corpus), earlier())).toEqual(data(corpus));
  });

  it('of an earlier version are where the runs’ text was, whatever the current folder is', () => {
    expect(storedData(data('texts'), earlier()).corpus).toBe('/where/it/was/texts');
  });

  it.each(['other', './texts'])('are refused when no run says where %s was', async (corpus) => {
    const folder = earlier();
    const error = await failureOf(() => storedData(data(corpus), folder));
    expect(error).toMatchObject({ code: 'corpus_relative', exitCode: 2 });
    expect(error.message).toContain(folder);
    expect(error.message).toContain(`"${corpus}"`);
    expect((await failureOf(() => storedData(data(corpus), join(folder, 'nowhere')))).code).toBe('corpus_relative');
  });
});
