import { createHash } from 'node:crypto';
import { decidingPart } from './sweep/deciding-part.js';
import type { RunConfig } from './run-config.js';

/**
 * Ten letters that stand for everything that decides a run's numbers.
 */
export function configDigest(config: RunConfig): string {
  return createHash('sha256')
    .update(canonicalJson(decidingPart(config)))
    .digest('hex')
    .slice(0, 10);
}

/**
 * Names a run after everything that decides its numbers: `soap-3f2a9c1b04`.
 */
export function taskId(config: RunConfig): string {
  return `${config.optimizer}-${configDigest(config)}`;
}

/** JSON that does not depend on the order in which keys were written. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
