import { expect, it } from 'vitest';
import { EagerProgram } from '../../../src/engine/eager.js';
import { CompiledProgram } from '../../../src/engine/graph/compiled-program.js';
import { openEngine } from '../../../src/engine/select.js';
import { stepsSuite } from '../../conformance/conformance.suite.js';
import { describeOn, operationByOperation } from '../../support/engines.js';
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

  const eager = operationByOperation(engine);
  programSuite(eager);
  goldenSuite(eager);
  // Problems are solved operation by operation on every engine, this one too.
  stepsSuite(eager);
});
