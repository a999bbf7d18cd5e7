import { describeOn } from '../support/engines.js';
import { adamwSuite } from './adamw.suite.js';
import { matrixFunctionsSuite } from './matrix-functions.suite.js';
import { shampooSuite } from './shampoo.suite.js';
import { soapSuite } from './soap.suite.js';

await describeOn('tensorflow', (engine) => {
  matrixFunctionsSuite();
  adamwSuite(engine);
  shampooSuite(engine);
  soapSuite(engine);
});
