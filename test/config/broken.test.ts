import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../src/config/load.js';
import { presetNames } from '../../src/config/presets.js';
import { builtInCorpora } from '../../src/data/corpora.js';
import { SoapBenchError } from '../../src/errors.js';
import { optimizerNames } from '../../src/optim/registry.js';

/** The exact message of every broken file, beside the files so that they can be read together. */
const expected = JSON.parse(readFileSync('test/config/broken.expected.json', 'utf8')) as Record<string, string>;
const folder = 'test/config/broken';

/** Lists that grow with every optimizer and every corpus. */
const lists = [
  ['<optimizers and presets>', [...new Set([...optimizerNames, ...presetNames('optimizer')])]],
  ['<optimizers>', optimizerNames],
  ['<optimizer presets>', presetNames('optimizer')],
  ['<corpora>', builtInCorpora.map(({ name }) => name)],
  ['<data presets>', presetNames('data')],
] as const;

function writtenOut(message: string): string {
  return lists.reduce((text, [word, names]) => text.replace(word, names.join(', ')), message);
}

function messageOfLoading(file: string): string {
  try {
    loadExperiment({ files: [`${folder}/${file}`], overrides: [] });
  } catch (error) {
    if (!(error instanceof SoapBenchError)) throw error;
    expect(error.code).toBe('config_invalid');
    expect(error.exitCode).toBe(2);
    // The message of a file that is not there names where it was looked for.
    return error.message.replaceAll(process.cwd(), '<here>');
  }
  return 'no message';
}

describe('a broken configuration', () => {
  it('has a message in the table', () => {
    expect(readdirSync(folder).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(Object.entries(expected))('%s', (file, message) => {
    expect(messageOfLoading(file)).toBe(writtenOut(message));
  });
});
