import type { Point } from './chart.js';

/** As many points as a curve may have; more than twice the pixels that it is wide. */
export const mostPoints = 4000;

/**
 * The points that a curve of too many is drawn from: of equal parts each the first, the lowest, the highest and the last
 * point, in their order. Drawn as wide as there are parts, it is the same line (M4: Jugel et al., VLDB 2014).
 * @param points With numbers, in the order of the line.
 */
export function thinned(points: readonly Point[], most = mostPoints): readonly Point[] {
  if (points.length <= most) return points;
  const parts = Math.floor(most / 4);
  const kept: Point[] = [];
  for (let part = 0; part < parts; part++) {
    const start = Math.floor((part * points.length) / parts);
    const end = Math.floor(((part + 1) * points.length) / parts);
    let [low, high] = [start, start];
    for (let at = start; at < end; at++) {
      if (points[at]![1] < points[low]![1]) low = at;
      if (points[at]![1] > points[high]![1]) high = at;
    }
    const places = new Set([start, Math.min(low, high), Math.max(low, high), end - 1]);
    for (const at of places) kept.push(points[at]!);
  }
  return kept;
}
