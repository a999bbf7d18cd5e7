import { CompiledProgram } from '../../../src/engine/graph/compiled-program.js';
import { describeOn } from '../../support/engines.js';
import { programSuite } from '../program.suite.js';

await describeOn('tensorflow', (engine) => {
  programSuite({ ...engine, open: (stateShapes) => new CompiledProgram(stateShapes) });
});
