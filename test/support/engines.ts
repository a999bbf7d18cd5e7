import { describe, expect, it } from 'vitest';
import { EagerProgram } from '../../src/engine/eager.js';
import type { Engine, EngineName } from '../../src/engine/engine.js';
import { openEngine } from '../../src/engine/select.js';
import { messageOf } from '../../src/errors.js';

/** An engine that runs operation by operation: of steps that are small and run a few times, compiling takes most of the time. */
export function operationByOperation(engine: Engine): Engine {
  return { ...engine, compiled: false, open: (shapes) => new EagerProgram(shapes) };
}

/**
 * Runs a suite on an engine. If the engine is missing, the suite is skipped with the reason, and fails on CI. A process has
 * one engine, so each engine needs its own test file.
 */
export async function describeOn(name: EngineName, suite: (engine: Engine) => void): Promise<void> {
  let engine: Engine;
  try {
    engine = await openEngine({ engine: name, threads: 2 });
  } catch (error) {
    const reason = messageOf(error);
    if (process.env.CI) {
      it(`has the ${name} engine`, () => {
        expect.fail(reason);
      });
    } else {
      it.skip(`on ${name}: ${reason}`);
    }
    return;
  }
  describe(`on ${name}`, () => {
    suite(engine);
  });
}
