import { isUtf8 } from 'node:buffer';
import { closeSync, existsSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { LineCounter, isAlias, isMap, isPair, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Alias, Document, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { firstWrongByte, guessEncoding } from '../data/encoding.js';
import { messageOf } from '../errors.js';
import { foundText } from './mistakes.js';
import type { Mistake } from './mistakes.js';
import { bundledNames } from './bundled.js';
import { closest } from '../did-you-mean.js';
import { fromPlain, toPlain } from './tree.js';
import type { Entry, Mapping, Place, Tree } from './tree.js';

/**
 * Reads a YAML file as a mapping that remembers its lines and columns.
 * Mistakes are added to `mistakes`; the answer is then undefined.
 */
export function readDocument(file: string, mistakes: Mistake[]): Mapping | undefined {
  const before = mistakes.length;
  const problem = (text: string, { where = file, guess = '' } = {}) =>
    mistakes.push({ place: { where }, path: [], text, guess });
  const text = readText(file, problem);
  const tree = text === undefined ? undefined : parseYaml(text, file, mistakes);
  if (mistakes.length > before) return undefined;
  if (tree?.kind === 'mapping') return tree;
  if (tree === undefined || (tree.kind === 'scalar' && tree.value === null)) {
    problem('found an empty file, expected a mapping of keys such as `model: 360m`');
    return undefined;
  }
  const found = tree.kind === 'list' ? 'a list' : foundText(toPlain(tree));
  problem(`found ${found}, expected a mapping of keys such as \`model: 360m\``, { where: tree.place.where });
  return undefined;
}

function readText(file: string, problem: (text: string, more?: { guess: string }) => void): string | undefined {
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) {
      problem('found a folder, expected a YAML file');
      return undefined;
    }
    const { size } = stats;
    const bytes = readBeginning(file, mostBytes + 1);
    if (bytes.length > mostBytes) {
      const found = size > mostBytes ? `${(size / 1e6).toFixed(1)} MB` : 'more than 1 MB';
      problem(`found ${found}, expected a configuration of at most 1 MB`);
    } else if (!isUtf8(bytes)) problem(`found ${encodingText(bytes)}, expected text in UTF-8`);
    else return bytes.toString('utf8');
  } catch (error) {
    if (existsSync(file)) problem(`cannot be read: ${messageOf(error)}`);
    else problem('no such file', { guess: nearbyNames(file) });
  }
  return undefined;
}

/** The first bytes: a device or a pipe has no size, and may have no end. */
function readBeginning(file: string, most: number): Buffer {
  const buffer = Buffer.alloc(most);
  const descriptor = openSync(file, 'r');
  try {
    let length = 0;
    for (let read = -1; read !== 0 && length < most; length += read) {
      read = readSync(descriptor, buffer, length, most - length, null);
    }
    return buffer.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

function encodingText(bytes: Buffer): string {
  const encoding = guessEncoding(bytes, bytes.subarray(Math.max(0, firstWrongByte(bytes) - 1000)));
  return encoding.kind === 'text' ? `text in ${encoding.name}` : 'bytes that are no text';
}

const mostBytes = 1e6;
const mostValues = 50_000;
const mostLevels = 100;

/** Parses YAML text; `file` is how messages call it. */
function parseYaml(text: string, file: string, mistakes: Mistake[]): Tree | undefined {
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { where: `${file}:${line}:${col}` };
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    // Later errors are mostly echoes of the first one.
    const error = document.errors[0];
    if (error?.code === 'RESOURCE_EXHAUSTION') throw new TooMuch(tooDeep, placeAt(error.pos[0]), []);
    if (error !== undefined) {
      const { line, col } = lines.linePos(error.pos[0]);
      const excerpt = excerptAt(text, line, col);
      mistakes.push({ place: placeAt(error.pos[0]), path: [], text: `not valid YAML: ${error.message}`, excerpt });
      return undefined;
    }
    if (document.contents === null) return undefined;
    const targets = targetsIn(document);
    return treeOf(document.contents, { targets, placeAt, mistakes, path: [], inside: new Set(), values: { read: 0 } });
  } catch (error) {
    if (error instanceof TooMuch) mistakes.push({ place: error.place, path: error.path, text: error.message });
    else throw error;
    return undefined;
  }
}

const tooDeep = `found more than ${mostLevels} levels in one another, expected fewer`;

/** What a file has more of than a configuration can need. */
class TooMuch extends Error {
  constructor(
    message: string,
    readonly place: Place,
    readonly path: readonly string[],
  ) {
    super(message);
  }
}

interface Walk {
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly placeAt: (offset: number) => Place;
  readonly mistakes: Mistake[];
  readonly path: readonly string[];
  /** The nodes that enclose this one, against an anchor that holds itself. */
  readonly inside: ReadonlySet<Node>;
  /** How many there have been in the whole file: aliases of aliases make millions of a few lines. */
  readonly values: { read: number };
}

function treeOf(node: Node, walk: Walk): Tree {
  const place = walk.placeAt(node.range?.[0] ?? 0);
  const inner = { ...walk, inside: new Set([...walk.inside, node]) };
  if (++walk.values.read > mostValues) {
    const found = `found more than ${mostValues.toLocaleString('en-US')} values, those behind an alias counted each time`;
    throw new TooMuch(`${found}, expected fewer`, place, walk.path);
  }
  if (inner.inside.size > mostLevels) throw new TooMuch(tooDeep, place, []);
  if (isAlias(node)) {
    const target = targetOf(node, walk);
    if (target !== undefined) return treeOf(target, inner);
  }
  if (isMap(node)) return { kind: 'mapping', place, entries: entriesOf(node, inner) };
  if (isSeq(node)) {
    const items = node.items.map((item, index) => treeOf(item as Node, { ...inner, path: [...walk.path, `${index}`] }));
    return { kind: 'list', place, items };
  }
  if (!isScalar(node)) return { kind: 'scalar', place, value: null };
  const typed = node.type === 'PLAIN' && node.value !== null ? node.source : undefined;
  return { kind: 'scalar', place, value: node.value, typed };
}

/** An anchor may be set anew: the last one above an alias counts. */
function targetsIn(document: Document): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node: (_key, node) => {
      const target = isAlias(node) ? anchors.get(node.source) : undefined;
      if (target !== undefined) targets.set(node as Alias, target);
      else if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/** What an alias stands for; undefined when that is nothing, which is a mistake. */
function targetOf(alias: Alias, { targets, inside, mistakes, path, placeAt }: Walk): Node | undefined {
  const target = targets.get(alias);
  if (target !== undefined && !inside.has(target)) return target;
  const text = `found *${alias.source}, expected the name of an anchor above`;
  mistakes.push({ place: placeAt(alias.range?.[0] ?? 0), path, text });
  return undefined;
}

function entriesOf(map: YAMLMap, walk: Walk): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const merged = new Set<string>();
  for (const pair of map.items) {
    if (!isPair(pair) || !isScalar(pair.key)) {
      const place = walk.placeAt(map.range?.[0] ?? 0);
      walk.mistakes.push({ place, path: walk.path, text: 'found a key that is not a word, expected `key: value`' });
      continue;
    }
    if (pair.key.value === '<<' && pair.key.type === 'PLAIN') {
      for (const [name, entry] of mergedEntries(pair as Pair<Scalar, Node | null>, walk)) {
        if (entries.has(name)) continue;
        entries.set(name, entry);
        merged.add(name);
      }
      continue;
    }
    const name = String(pair.key.value);
    const key = walk.placeAt(pair.key.range?.[0] ?? 0);
    const earlier = entries.get(name);
    const path = [...walk.path, name];
    if (earlier !== undefined && !merged.delete(name)) {
      const text = `found the key a second time (first at ${earlier.key.where}), expected it once`;
      walk.mistakes.push({ place: key, path, text });
      continue;
    }
    // A key with nothing behind it counts as null, written where the key is.
    const value = pair.value === null ? fromPlain(null, key) : treeOf(pair.value as Node, { ...walk, path });
    entries.set(name, { key, value });
  }
  return entries;
}

/** What `<<: *base` and `<<: [*first, *second]` bring into a mapping, whose own keys and earlier ones win. */
function mergedEntries({ key, value }: Pair<Scalar, Node | null>, walk: Walk): [string, Entry][] {
  const path = [...walk.path, '<<'];
  const tree = value === null ? undefined : treeOf(value, { ...walk, path });
  const mappings = tree?.kind === 'list' ? tree.items : [tree];
  return mappings.flatMap((mapping) => {
    if (mapping?.kind === 'mapping') return [...mapping.entries];
    const text = 'found no mapping to merge, expected an alias such as `<<: *base`, or a list of aliases';
    walk.mistakes.push({ place: walk.placeAt(key.range?.[0] ?? 0), path, text });
    return [];
  });
}

/** The line of the mistake, of a long one the part around it, and a caret under its column. */
function excerptAt(text: string, line: number, column: number): string {
  const source = text.split(/\r?\n/)[line - 1] ?? '';
  const from = Math.max(0, column - 60);
  const margin = `  ${line} | `;
  return `${margin}${source.slice(from, from + 120)}\n${' '.repeat(margin.length + column - 1 - from)}^`;
}

/** A configuration of the package that the word is close to, else what the folder holds. */
function nearbyNames(file: string): string {
  const names = bundledNames();
  const word = path
    .normalize(file)
    .replace(/^configs\//, '')
    .replace(/\.ya?ml$/, '');
  const short = closest(
    word,
    names.map((name) => path.basename(name)),
  );
  const guess = closest(word, names) ?? names.find((name) => path.basename(name) === short);
  const here = nearbyFiles(file);
  if (guess === undefined || here.includes('did you mean')) return here;
  return ` did you mean "${guess}", which ships with soap-bench?`;
}

function nearbyFiles(file: string): string {
  const folder = path.dirname(file);
  if (!existsSync(folder)) return ` The folder ${folder} does not exist either.`;
  const files = readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort();
  if (files.length === 0) return ` ${folder} holds no YAML files.`;
  // Compared without the endings, which all of them share.
  const names = files.map((name) => path.parse(name).name);
  const guess = files[names.indexOf(closest(path.parse(file).name, names) ?? '')];
  return guess === undefined ? ` ${folder} holds ${files.join(', ')}.` : ` did you mean "${path.join(folder, guess)}"?`;
}
