import { describeOn } from '../support/engines.js';
import { basesSuite } from './bases.suite.js';
import { stepsSuite } from './steps.suite.js';

await describeOn('tensorflow', (engine) => {
  stepsSuite(engine);
  basesSuite(engine);
});
