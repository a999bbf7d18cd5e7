import { existsSync, statSync } from 'node:fs';
import type { Mistake } from './mistakes.js';
import { didYouMean } from '../did-you-mean.js';
import { lookUp, merge, withEntry, withoutEntry } from './tree.js';
import type { Mapping, Place, Tree } from './tree.js';
import { UnreadableValue, readValue } from './word-value.js';

/**
 * Tells the words of a command line apart: `key=value` and `~key` change the configuration, the others are files. A word
 * that names a file is one, whatever is in its name, and no key holds a slash.
 */
export function splitWords(words: readonly string[]): { files: string[]; overrides: string[] } {
  const isFile = (word: string) => existsSync(word) && statSync(word).isFile();
  const isOverride = (word: string) => /^(~[^/\\]+$|[^/\\]*=)/.test(word) && !isFile(word);
  return { files: words.filter((word) => !isOverride(word)), overrides: words.filter(isOverride) };
}

/**
 * Applies one word to a configuration: `train.steps=20` sets a dotted key, `~optimizers.shampoo` removes one.
 * @param shorthand Writes `model: 360m` out as a mapping, so that a word can reach into it.
 */
export function applyOverride(
  config: Mapping,
  word: string,
  mistakes: Mistake[],
  shorthand: (layer: Mapping) => Mapping,
): Mapping {
  const place: Place = { where: 'command line', word };
  const fail = (text: string) => {
    mistakes.push({ place, path: [], text });
    return config;
  };
  const removes = word.startsWith('~');
  const [dotted = ''] = word.replace(/^~/, '').split('=');
  const keys = dotted.split('.');
  if (keys.some((key) => key.trim() === '')) return fail('found no key, expected a word such as train.steps=20');
  if (removes) {
    if (word.includes('=')) return fail(`found a value behind a key to remove, expected ~${dotted}`);
    return removeKey(config, keys, place, mistakes);
  }
  const text = word.slice(dotted.length + 1);
  if (text.trim() === '') return fail(`found no value, expected ${dotted}=value (null for none)`);
  let layer: Tree;
  try {
    layer = readValue(text, place);
  } catch (error) {
    if (error instanceof UnreadableValue) return fail(error.message);
    throw error;
  }
  for (const key of keys.toReversed()) {
    layer = { kind: 'mapping', place, entries: new Map([[key, { key: place, value: layer }]]) };
  }
  return merge(config, shorthand(layer as Mapping)) as Mapping;
}

function removeKey(config: Mapping, keys: readonly string[], place: Place, mistakes: Mistake[]): Mapping {
  const [key = '', ...rest] = keys;
  const entry = config.entries.get(key);
  if (entry !== undefined && rest.length === 0) return withoutEntry(config, key);
  if (entry?.value.kind === 'mapping') {
    const value = removeKey(entry.value, rest, place, mistakes);
    return withEntry(config, key, { ...entry, value });
  }
  const present = [...config.entries.keys()];
  const at = lookUp(config, []).place.where;
  const text = `found no key "${key}" to remove, expected one of: ${present.join(', ')} (${at})`;
  mistakes.push({ place, path: [], text, guess: didYouMean(key, present) });
  return config;
}
