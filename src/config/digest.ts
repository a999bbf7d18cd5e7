import { createHash } from 'node:crypto';
import { decidingPart } from './sweep/deciding-part.js';
import type { ExperimentConfig } from './schema.js';

/**
 * Ten letters that stand for everything that decides a training's numbers.
 * @param config With a single optimizer.
 */
export function configDigest(config: ExperimentConfig): string {
  return createHash('sha256')
    .update(canonicalJson(decidingPart(config)))
    .digest('hex')
    .slice(0, 10);
}

/**
 * Names a training after everything that decides its numbers: `soap-3f2a9c1b04`.
 * @param config With a single optimizer.
 */
export function taskId(config: ExperimentConfig): string {
  const { optimizer } = Object.values(config.optimizers)[0]!;
  return `${optimizer}-${configDigest(config)}`;
}

/** JSON that does not depend on the order in which keys were written. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
