import { describeOn, operationByOperation } from '../support/engines.js';
import { adamwSuite } from './adamw.suite.js';
import { matrixFunctionsSuite } from './matrix-functions.suite.js';
import { shampooSuite } from './shampoo.suite.js';
import { soapSuite } from './soap.suite.js';

await describeOn('tensorflow', (engine) => {
  // Each option has steps of its own; that compiled ones are the same is what the golden data and the conformance tests say.
  const eager = operationByOperation(engine);
  matrixFunctionsSuite();
  adamwSuite(eager);
  shampooSuite(eager);
  soapSuite(eager);
});
