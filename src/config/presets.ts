import { readdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../own-package.js';
import { readDocument } from './document.js';
import { foundText } from './mistakes.js';
import type { Mistake } from './mistakes.js';
import { scaleModel } from './scale.js';
import type { OptimizerTable } from './schema.js';
import { didYouMean } from '../did-you-mean.js';
import { emptyMapping, merge, toPlain, withEntry, withValues, withoutEntry } from './tree.js';
import type { Entry, Mapping, Tree } from './tree.js';

export type PresetKind = 'model' | 'data' | 'optimizer';

/** Keys that a file may have and a resolved configuration has not: they choose what the other keys start from. */
export const presetKey = z.string().describe('Start from a preset; the other keys change it.');
export const scaleKey = z
  .union([z.number().gt(0).max(1), z.string()])
  .meta({ expected: 'a fraction such as 1/8, at most 1' })
  .describe('Shrink the preset’s depth and width together; heads follow.');

const presetFolder = `${packageRoot}configs/`;

/** Names of the presets that ship with the package. */
export function presetNames(kind: PresetKind): string[] {
  return readdirSync(path.join(presetFolder, kind))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => path.basename(name, '.yaml'))
    .sort();
}

/** The optimizer whose options a preset that ships with the package sets. */
export function presetOptimizer(name: string): string {
  const mistakes: Mistake[] = [];
  const preset = readPreset('optimizer', name, mistakes);
  const optimizer = preset && (toPlain(preset) as { optimizer?: string }).optimizer;
  if (optimizer === undefined) throw new TypeError(`the preset ${name} names no optimizer`);
  return optimizer;
}

/** The file of a preset that ships with the package. */
export function presetFile(kind: PresetKind, name: string): string {
  return path.join(presetFolder, kind, `${name}.yaml`);
}

/**
 * Writes `model: 360m` out as `model: { preset: 360m }`, `soap:` with nothing behind it as `soap: {}`, and `seeds` as
 * `seed`, of which a list is several trainings.
 */
export function writeOutShorthand(layer: Mapping): Mapping {
  const seeds = layer.entries.get('seeds');
  // Both in one file: `seeds` stays, and is refused as an unknown key.
  let result =
    seeds === undefined || layer.entries.has('seed') ? layer : withEntry(withoutEntry(layer, 'seeds'), 'seed', seeds);
  for (const key of ['model', 'data']) {
    const entry = layer.entries.get(key);
    if (entry === undefined || !isPresetName(entry.value)) continue;
    const mapping = withEntry(emptyMapping(entry.value.place), 'preset', { key: entry.key, value: entry.value });
    result = withEntry(result, key, { key: entry.key, value: mapping });
  }
  const optimizers = layer.entries.get('optimizers');
  if (optimizers?.value.kind !== 'mapping') return result;
  const written = withValues(optimizers.value, (_label, { key, value }) => {
    return value.kind === 'scalar' && value.value === null ? emptyMapping(key) : value;
  });
  return withEntry(result, 'optimizers', { key: optimizers.key, value: written });
}

/** Also a list of names, each of which is tried. */
function isPresetName(value: Tree): boolean {
  if (value.kind === 'list') return value.items.length > 0 && value.items.every(isPresetName);
  return value.kind === 'scalar' && typeof value.value === 'string';
}

/** Replaces every `preset` (and the model's `scale`) by what it stands for, under what the files say themselves. */
export function expandPresets(config: Mapping, table: OptimizerTable, mistakes: Mistake[]): Mapping {
  const model = expandEntry(config, 'model', (entry) => expandModel(entry, mistakes));
  const data = expandEntry(model, 'data', (entry) => expandPreset('data', ['data'], entry, mistakes));
  return expandEntry(data, 'optimizers', (labels) =>
    withValues(labels, (label, { key, value }) =>
      value.kind === 'mapping' ? expandOptimizer(label, { key, value }, table, mistakes) : value,
    ),
  );
}

function expandEntry(config: Mapping, key: string, expand: (value: Mapping) => Mapping): Mapping {
  const entry = config.entries.get(key);
  // What is not a mapping is left for the schema to refuse.
  if (entry?.value.kind !== 'mapping') return config;
  return withEntry(config, key, { key: entry.key, value: expand(entry.value) });
}

function expandModel(model: Mapping, mistakes: Mistake[]): Mapping {
  const scale = model.entries.get('scale');
  const own = withoutEntry(model, 'scale');
  if (scale === undefined) return expandPreset('model', ['model'], own, mistakes);
  const chosen = model.entries.get('preset')?.value;
  if (chosen === undefined) {
    const text = `found a scale and no preset to shrink, expected preset: one of ${presetNames('model').join(', ')}`;
    mistakes.push({ place: scale.key, path: ['model', 'scale'], text });
    return own;
  }
  return expandPreset('model', ['model'], own, mistakes, (preset) => scaleModel(preset, scale.value, chosen, mistakes));
}

function expandPreset(
  kind: PresetKind,
  at: readonly string[],
  own: Mapping,
  mistakes: Mistake[],
  adapt: (preset: Mapping) => Mapping = (preset) => preset,
): Mapping {
  const chosen = own.entries.get('preset');
  if (chosen === undefined) return own;
  const rest = withoutEntry(own, 'preset');
  const name = toPlain(chosen.value);
  const names = presetNames(kind);
  if (typeof name !== 'string' || !names.includes(name)) {
    const guess = didYouMean(String(name), names);
    const text = `found ${foundText(name)}, expected one of the ${kind} presets: ${names.join(', ')}`;
    mistakes.push({ place: chosen.value.place, path: [...at, 'preset'], text, guess });
    return rest;
  }
  const preset = readPreset(kind, name, mistakes);
  return preset === undefined ? rest : (merge(adapt(preset), rest) as Mapping);
}

function readPreset(kind: PresetKind, name: string, mistakes: Mistake[]): Mapping | undefined {
  const file = presetFile(kind, name);
  const relative = path.relative('', file);
  const near = relative.startsWith('..') ? file : relative;
  const preset = read.get(near) ?? readDocument(near, mistakes);
  if (preset !== undefined) read.set(near, preset);
  return preset;
}

/** Every training of a sweep starts from the same ones. */
const read = new Map<string, Mapping>();

/** The options of one label: `preset:`, else the preset of its optimizer, which the label names unless a key does. */
function expandOptimizer(
  label: string,
  { key, value }: Entry & { value: Mapping },
  table: OptimizerTable,
  mistakes: Mistake[],
): Mapping {
  const at = ['optimizers', label];
  if (value.entries.has('preset')) return expandPreset('optimizer', at, value, mistakes);
  const presets = presetNames('optimizer');
  const named = value.entries.get('optimizer');
  const name = named === undefined ? label : toPlain(named.value);
  if (typeof name === 'string' && presets.includes(name)) {
    const preset = readPreset('optimizer', name, mistakes);
    return preset === undefined ? value : (merge(preset, value) as Mapping);
  }
  if (named !== undefined) return value;
  const optimizers = Object.keys(table);
  if (optimizers.includes(label)) {
    return withEntry(value, 'optimizer', { key, value: { kind: 'scalar', place: key, value: label } });
  }
  const known = [...new Set([...optimizers, ...presets])];
  const text =
    `found a label that is no optimizer, expected one of: ${known.join(', ')}; ` +
    `any other label needs a line such as \`optimizer: ${optimizers.find((name) => label.startsWith(name)) ?? optimizers[0] ?? ''}\``;
  mistakes.push({ place: key, path: at, text, guess: didYouMean(label, known) });
  return value;
}
