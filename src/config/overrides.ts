import { parseYaml } from './document.js';
import type { Mistake } from './mistakes.js';
import { didYouMean } from '../did-you-mean.js';
import { fromPlain, lookUp, merge, toPlain, withEntry, withoutEntry } from './tree.js';
import type { Mapping, Place, Tree } from './tree.js';

/** Tells the words of a command line apart: `key=value` and `~key` change the configuration, the others are files. */
export function splitWords(words: readonly string[]): { files: string[]; overrides: string[] } {
  const isOverride = (word: string) => word.includes('=') || word.startsWith('~');
  return { files: words.filter((word) => !isOverride(word)), overrides: words.filter(isOverride) };
}

/**
 * Applies one word to a configuration: `train.steps=20` sets a dotted key, `~optimizers.shampoo` removes one.
 * The value is read as YAML, so that `train.grad_clip=null` and `optimizers.soap.betas=[0.9,0.95]` mean what they say;
 * commas outside of brackets and quotes make a list, `optimizers.soap.lr=1e-3,3e-3`.
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
  const inValue: Mistake[] = [];
  const value = parseYaml(hasBareComma(text) ? `[${text}]` : text, 'value', inValue);
  if (inValue[0] !== undefined) return fail(inValue[0].text);
  let layer: Tree = fromPlain(value === undefined ? null : toPlain(value), place);
  for (const key of keys.toReversed()) {
    layer = { kind: 'mapping', place, entries: new Map([[key, { key: place, value: layer }]]) };
  }
  return merge(config, shorthand(layer as Mapping)) as Mapping;
}

function hasBareComma(text: string): boolean {
  let depth = 0;
  for (const sign of text.replaceAll(/"[^"]*"|'[^']*'/g, '')) {
    if ('[{'.includes(sign)) depth++;
    else if (']}'.includes(sign)) depth--;
    else if (sign === ',' && depth === 0) return true;
  }
  return false;
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
