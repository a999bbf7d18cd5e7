import { foundText, placeText } from './mistakes.js';
import type { Mistake } from './mistakes.js';
import { toPlain, withEntry } from './tree.js';
import type { Mapping, Tree } from './tree.js';

export interface Shape {
  readonly n_layer: number;
  readonly d_model: number;
  readonly n_head: number;
}

/** A fraction as it was written, so that thirds stay exact. */
export interface Fraction {
  readonly above: number;
  readonly below: number;
}

/** Reads 0.125 or `1/8`; undefined for what is no fraction in (0, 1]. */
export function parseScale(value: unknown): Fraction | undefined {
  const words = typeof value === 'string' ? /^\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(value) : null;
  const above = typeof value === 'number' ? value : Number(words?.[1]);
  const below = typeof value === 'number' ? 1 : Number(words?.[2]);
  const ratio = above / below;
  return ratio > 0 && ratio <= 1 ? { above, below } : undefined;
}

/**
 * Shrinks depth and width together. The number of heads is the smallest that divides the width, is at least the scaled
 * one, and leaves an even head size (rotary positions turn pairs).
 * @returns undefined when depth or width would not be whole, or no number of heads fits.
 */
export function scaleShape({ n_layer, d_model, n_head }: Shape, { above, below }: Fraction): Shape | undefined {
  const layers = (n_layer * above) / below;
  const width = (d_model * above) / below;
  if (!Number.isInteger(layers) || !Number.isInteger(width)) return undefined;
  for (let heads = Math.ceil((n_head * above) / below); heads <= width; heads++) {
    if (width % (2 * heads) === 0) return { n_layer: layers, d_model: width, n_head: heads };
  }
  return undefined;
}

/**
 * A model preset with its shape shrunk; the numbers then stand where `scale` was written.
 * @param chosen The name of the preset, to be shown with its place: either of the two may be the one to change.
 */
export function scaleModel(preset: Mapping, scale: Tree, chosen: Tree, mistakes: Mistake[]): Mapping {
  const shape = toPlain(preset) as Shape;
  const value = toPlain(scale);
  const fraction = parseScale(value);
  const scaled = fraction && scaleShape(shape, fraction);
  if (fraction === undefined || scaled === undefined) {
    const halves = [2, 3, 4, 6, 8, 12, 16, 24, 32].filter(
      (below) => scaleShape(shape, { above: 1, below }) !== undefined,
    );
    const fitting = ['1', ...halves.map((below) => `1/${below}`)].join(', ');
    const found = fraction === undefined ? foundText(value) : `${String(value)}, ${impossible(shape, fraction)}`;
    const text = `found ${found}, expected a fraction of at most 1 that keeps the shape of ${String(toPlain(chosen))} whole, such as ${fitting} (${placeText(chosen.place)})`;
    mistakes.push({ place: scale.place, path: ['model', 'scale'], text });
    return preset;
  }
  let result = preset;
  for (const [key, number] of Object.entries(scaled)) {
    const value: Tree = { kind: 'scalar', place: scale.place, value: number };
    result = withEntry(result, key, { key: scale.place, value });
  }
  return result;
}

function impossible({ n_layer, d_model }: Shape, { above, below }: Fraction): string {
  const short = (number: number) => String(Number(number.toFixed(3)));
  return `which makes ${short((n_layer * above) / below)} layers of width ${short((d_model * above) / below)}`;
}
