import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { LineCounter, isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node, YAMLMap } from 'yaml';
import { messageOf } from '../errors.js';
import { foundText } from './mistakes.js';
import type { Mistake } from './mistakes.js';
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
    if (statSync(file).isDirectory()) problem('found a folder, expected a YAML file');
    else return readFileSync(file, 'utf8');
  } catch (error) {
    if (existsSync(file)) problem(`cannot be read: ${messageOf(error)}`);
    else problem('no such file', { guess: nearbyFiles(file) });
  }
  return undefined;
}

/** Parses YAML text; `file` is how messages call it. */
export function parseYaml(text: string, file: string, mistakes: Mistake[]): Tree | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { where: `${file}:${line}:${col}` };
  };
  // Later errors are mostly echoes of the first one.
  const error = document.errors[0];
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    const excerpt = excerptAt(text, line, col);
    mistakes.push({ place: placeAt(error.pos[0]), path: [], text: `not valid YAML: ${error.message}`, excerpt });
    return undefined;
  }
  if (document.contents === null) return undefined;
  return treeOf(document.contents, { document, placeAt, mistakes, path: [], inside: new Set() });
}

interface Walk {
  readonly document: Document;
  readonly placeAt: (offset: number) => Place;
  readonly mistakes: Mistake[];
  readonly path: readonly string[];
  /** The nodes that enclose this one, against an anchor that holds itself. */
  readonly inside: ReadonlySet<Node>;
}

function treeOf(node: Node, walk: Walk): Tree {
  const place = walk.placeAt(node.range?.[0] ?? 0);
  const inner = { ...walk, inside: new Set([...walk.inside, node]) };
  if (isAlias(node)) {
    const target = node.resolve(walk.document);
    if (target !== undefined && !walk.inside.has(target)) return treeOf(target, inner);
    walk.mistakes.push({
      place,
      path: walk.path,
      text: `found *${node.source}, expected the name of an anchor above`,
    });
  }
  if (isMap(node)) return { kind: 'mapping', place, entries: entriesOf(node, inner) };
  if (isSeq(node)) {
    const items = node.items.map((item, index) => treeOf(item as Node, { ...inner, path: [...walk.path, `${index}`] }));
    return { kind: 'list', place, items };
  }
  return { kind: 'scalar', place, value: isScalar(node) ? node.value : null };
}

function entriesOf(map: YAMLMap, walk: Walk): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const pair of map.items) {
    if (!isPair(pair) || !isScalar(pair.key)) {
      const place = walk.placeAt(map.range?.[0] ?? 0);
      walk.mistakes.push({ place, path: walk.path, text: 'found a key that is not a word, expected `key: value`' });
      continue;
    }
    const name = String(pair.key.value);
    const key = walk.placeAt(pair.key.range?.[0] ?? 0);
    const earlier = entries.get(name);
    const path = [...walk.path, name];
    if (earlier !== undefined) {
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

/** The line of the mistake and a caret under its column. */
function excerptAt(text: string, line: number, column: number): string {
  const source = text.split(/\r?\n/)[line - 1] ?? '';
  const margin = `  ${line} | `;
  return `${margin}${source}\n${' '.repeat(margin.length + column - 1)}^`;
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
