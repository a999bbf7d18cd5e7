import { expect, it } from 'vitest';
import { EagerProgram } from '../../../src/engine/eager.js';
import { CompiledProgram } from '../../../src/engine/graph/compiled-program.js';
import { openEngine } from '../../../src/engine/select.js';
import { conformanceSuite } from '../../conformance/conformance.suite.js';
import { describeOn } from '../../support/engines.js';
import { goldenSuite } from '../../verify/golden.suite.js';
import { programSuite } from '../program.suite.js';

// The other tests on the native engine run compiled steps, as everybody does.
await describeOn('tensorflow', (engine) => {
  it('compiles unless told otherwise', async () => {
    const opened = async (compile: boolean) => openEngine({ engine: 'tensorflow', threads: 2, compile });
    expect(engine.compiled).toBe(true);
    expect(engine.open({})).toBeInstanceOf(CompiledProgram);
    expect((await opened(true)).open({})).toBeInstanceOf(CompiledProgram);
    expect((await opened(false)).compiled).toBe(false);
    expect((await opened(false)).open({})).toBeInstanceOf(EagerProgram);
  });

  const eager = { ...engine, compiled: false, open: engineOpen };
  programSuite(eager);
  goldenSuite(eager);
  conformanceSuite(eager);
});

function engineOpen(stateShapes: ConstructorParameters<typeof EagerProgram>[0]): EagerProgram {
  return new EagerProgram(stateShapes);
}
