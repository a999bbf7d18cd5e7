import { describeOn } from '../support/engines.js';
import { linearAlgebraSuite } from './linear-algebra.suite.js';
import { largeBasisSuite, orthonormalBasisSuite } from './orthonormal-basis.suite.js';

await describeOn('wasm', (engine) => {
  linearAlgebraSuite();
  orthonormalBasisSuite(engine);
  largeBasisSuite();
});
