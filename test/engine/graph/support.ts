import type { Engine } from '../../../src/engine/engine.js';
import { CompiledProgram } from '../../../src/engine/graph/compiled-program.js';
import { describeOn } from '../../support/engines.js';

/** Runs a suite on the native engine with compiled steps. */
export function describeCompiled(suite: (engine: Engine) => void): Promise<void> {
  return describeOn('tensorflow', (engine) => {
    suite({ ...engine, compiled: true, open: (stateShapes) => new CompiledProgram(stateShapes) });
  });
}
