import { describeOn } from '../support/engines.js';
import { kernelsSuite } from './kernels.suite.js';
import { programSuite } from './program.suite.js';

await describeOn('tensorflow', (engine) => {
  kernelsSuite();
  programSuite(engine);
});
