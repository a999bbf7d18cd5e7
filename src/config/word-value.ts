import { parse } from 'yaml';
import { emptyMapping, withEntry } from './tree.js';
import type { Mapping, Place, Scalar, Tree } from './tree.js';

/** What keeps the value of a word from being read, as `found X, expected Y`. */
export class UnreadableValue extends Error {}

/** More levels of brackets than any configuration has. */
const deepest = 50;

/**
 * Reads the value of a command-line word, by the grammar of Hydra: `a,b` and `[a,b]` are lists, `{key: value}` is a
 * mapping, quotes make text of anything, numbers, true, false and null are what YAML takes them for, and all else is the
 * text as it was typed.
 * @throws {UnreadableValue}
 */
export function readValue(text: string, place: Place): Tree {
  const items = itemsOf(text);
  if (items.length < 2) return valueOf(text, place, deepest);
  return { kind: 'list', place, items: listed(items).map((item) => valueOf(item, place, deepest)) };
}

function valueOf(text: string, place: Place, levels: number): Tree {
  const trimmed = text.trim();
  const quoted = quotedText(trimmed);
  if (quoted !== undefined) return { kind: 'scalar', place, value: quoted };
  const close = closers.get(trimmed[0] ?? '');
  if (close === undefined || closesEarly(trimmed)) return scalarOf(text, place);
  if (!trimmed.endsWith(close) || trimmed.length < 2) {
    throw new UnreadableValue(`found ${trimmed[0]} without its ${close}, expected both, or quotes around text`);
  }
  if (levels === 0) throw new UnreadableValue(`found more than ${deepest} brackets in one another, expected fewer`);
  const items = listed(itemsOf(trimmed.slice(1, -1)));
  if (close === ']') return { kind: 'list', place, items: items.map((item) => valueOf(item, place, levels - 1)) };
  return items.reduce<Mapping>((mapping, item) => withItem(mapping, item, place, levels), emptyMapping(place));
}

/** `key: value` of a mapping; a key alone has null. */
function withItem(mapping: Mapping, item: string, place: Place, levels: number): Mapping {
  const quoted = new RegExp(`^${quotedAtStart.source}`).exec(item)?.[0];
  const colon = item.indexOf(':', quoted?.length);
  const name = colon < 0 ? item : item.slice(0, colon).trim();
  const key = quotedText(name) ?? name;
  if (key === '') throw new UnreadableValue(`found "${item}", expected key: value`);
  if (mapping.entries.has(key)) throw new UnreadableValue(`found the key ${key} a second time, expected it once`);
  const text = colon < 0 ? '' : item.slice(colon + 1).trim();
  return withEntry(mapping, key, { key: place, value: valueOf(text, place, levels - 1) });
}

/** Words without a sign that means something in YAML elsewhere, such as `#`, `: ` or `&`. */
const plainWord = /^(~|[-+]?\.?\w[\w.+-]*)?$/;

function scalarOf(text: string, place: Place): Scalar {
  const word = text.trim();
  const value: unknown = plainWord.test(word) ? parse(word) : text;
  return { kind: 'scalar', place, value: typeof value === 'string' ? text : value, typed: text };
}

const closers: ReadonlyMap<string, string> = new Map([
  ['[', ']'],
  ['{', '}'],
]);

/** Text in quotes that end where an item does. */
const quotedAtStart = /("|')(?:\\.|(?!\1)[^\\])*\1(?=\s*(?:[,:\]}]|$))/s;

/** What stands between quotes; undefined where there are none. A backslash counts only before a quote, for Windows' paths. */
function quotedText(text: string): string | undefined {
  const match = new RegExp(`^${quotedAtStart.source}$`, 's').exec(text);
  if (match === null) return undefined;
  return text.slice(1, -1).replaceAll(/(\\+)("|'|$)/g, (run, slashes: string, quote: string) => {
    return quote === match[1] || quote === '' ? '\\'.repeat(Math.floor(slashes.length / 2)) + quote : run;
  });
}

/** Pieces between commas that stand outside of brackets and quotes. */
function itemsOf(text: string): string[] {
  const items: string[] = [];
  let start = 0;
  for (const { sign, at, depth } of signsOf(text)) {
    if (sign !== ',' || depth > 0) continue;
    items.push(text.slice(start, at));
    start = at + 1;
  }
  return [...items, text.slice(start)];
}

/** The items of a list, after whose last one a comma may stand. */
function listed(items: readonly string[]): string[] {
  const trimmed = items.map((item) => item.trim());
  if (trimmed.at(-1) === '') trimmed.pop();
  if (trimmed.includes('')) throw new UnreadableValue('found nothing between two commas, expected a value');
  return trimmed;
}

/** Whether the bracket that the text begins with closes before its end: `[draft] notes.txt`. */
function closesEarly(text: string): boolean {
  const closing = signsOf(text).find(({ sign, depth }) => (sign === ']' || sign === '}') && depth === 0);
  return closing !== undefined && closing.at < text.length - 1;
}

/** Brackets and commas outside of quotes, and how deep in brackets the text is behind them. */
function signsOf(text: string): { sign: string; at: number; depth: number }[] {
  const quoted = new RegExp(quotedAtStart.source, 'sy');
  const signs: { sign: string; at: number; depth: number }[] = [];
  let depth = 0;
  // Quotes within a text are a part of it.
  let beginsItem = true;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (beginsItem) {
      quoted.lastIndex = at;
      const length = quoted.exec(text)?.[0].length ?? 0;
      if (length > 0) {
        at += length - 1;
        continue;
      }
    }
    if ('[{'.includes(sign)) depth++;
    else if (']}'.includes(sign)) depth = Math.max(0, depth - 1);
    if ('[]{},'.includes(sign)) signs.push({ sign, at, depth });
    if (!/\s/.test(sign)) beginsItem = '[{,'.includes(sign) || (sign === ':' && depth > 0);
  }
  return signs;
}
