import { describeOn } from '../support/engines.js';
import { kernelsSuite } from './kernels.suite.js';
import { programSuite } from './program.suite.js';

await describeOn('wasm', (engine) => {
  kernelsSuite();
  programSuite(engine);
});
