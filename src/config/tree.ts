/** Where a part of the configuration was written. */
export interface Place {
  /** `configs/quickstart.yaml:3:5`, or empty for values that a program passed in. */
  readonly where: string;
  /** The command-line word, when it was written there. */
  readonly word?: string;
  /** What a command-line word replaced. */
  readonly replaced?: { readonly where: string; readonly value: unknown };
}

/** A YAML value that remembers, at every level, where it was written. */
export type Tree = Scalar | List | Mapping;

export interface Scalar {
  readonly kind: 'scalar';
  readonly place: Place;
  readonly value: unknown;
  /** How it was written without quotes, where its value may be something else than text. */
  readonly typed?: string | undefined;
}

export interface List {
  readonly kind: 'list';
  readonly place: Place;
  readonly items: readonly Tree[];
}

export interface Mapping {
  readonly kind: 'mapping';
  readonly place: Place;
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Entry {
  /** Where the key stands; the value has a place of its own. */
  readonly key: Place;
  readonly value: Tree;
}

/** The value without its places. */
export function toPlain(tree: Tree): unknown {
  switch (tree.kind) {
    case 'scalar':
      return tree.value;
    case 'list':
      return tree.items.map(toPlain);
    case 'mapping':
      return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, toPlain(entry.value)]));
  }
}

/** A tree all of whose parts were written at one place: a program's value, or a command-line word's. */
export function fromPlain(value: unknown, place: Place): Tree {
  if (Array.isArray(value)) return { kind: 'list', place, items: value.map((item) => fromPlain(item, place)) };
  if (typeof value === 'object' && value !== null) {
    // An absent key and a key that is undefined mean the same.
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]): [string, Entry] => [key, { key: place, value: fromPlain(item, place) }]);
    return { kind: 'mapping', place, entries: new Map(entries) };
  }
  return { kind: 'scalar', place, value };
}

export function emptyMapping(place: Place): Mapping {
  return { kind: 'mapping', place, entries: new Map() };
}

/** The mapping with one entry set; its other entries stay in their order. */
export function withEntry(mapping: Mapping, key: string, entry: Entry): Mapping {
  return { ...mapping, entries: new Map([...mapping.entries, [key, entry]]) };
}

/** The mapping with another value for each key. */
export function withValues(mapping: Mapping, valueOf: (key: string, entry: Entry) => Tree): Mapping {
  const entries = [...mapping.entries].map(([key, entry]): [string, Entry] => {
    return [key, { key: entry.key, value: valueOf(key, entry) }];
  });
  return { ...mapping, entries: new Map(entries) };
}

export function withoutEntry(mapping: Mapping, key: string): Mapping {
  return { ...mapping, entries: new Map([...mapping.entries].filter(([name]) => name !== key)) };
}

/** The deepest part of `path` that was written, and whether that was all of it. */
export function lookUp(tree: Tree, path: readonly PropertyKey[]): { place: Place; key: Place; found: boolean } {
  let node = tree;
  let key = tree.place;
  for (const step of path) {
    const entry = node.kind === 'mapping' ? node.entries.get(String(step)) : undefined;
    const item = node.kind === 'list' ? node.items[Number(step)] : undefined;
    const next = entry?.value ?? item;
    if (next === undefined) return { place: key, key, found: false };
    key = entry?.key ?? next.place;
    node = next;
  }
  return { place: node.place, key, found: true };
}

/**
 * Lays `top` over `base`: mappings merge key by key, anything else is replaced.
 * A replaced value is remembered in the place of a command-line word, so that a message can show both.
 */
export function merge(base: Tree, top: Tree): Tree {
  if (base.kind !== 'mapping' || top.kind !== 'mapping') return remembering(base, top);
  const entries = new Map(base.entries);
  for (const [key, entry] of top.entries) {
    const below = entries.get(key);
    entries.set(key, below === undefined ? entry : mergeEntry(below, entry));
  }
  // What is missing from a mapping is missing where the files wrote it, not in the word that reached into it.
  return { kind: 'mapping', place: top.place.word === undefined ? top.place : base.place, entries };
}

function mergeEntry(base: Entry, top: Entry): Entry {
  const value = merge(base.value, top.value);
  const reachesInto = base.value.kind === 'mapping' && top.value.kind === 'mapping' && top.key.word !== undefined;
  return { key: reachesInto ? base.key : top.key, value };
}

function remembering(base: Tree, top: Tree): Tree {
  if (top.place.word === undefined) return top;
  const replaced =
    base.place.word === undefined ? { where: base.place.where, value: toPlain(base) } : base.place.replaced;
  return replaced === undefined ? top : { ...top, place: { ...top.place, replaced } };
}
