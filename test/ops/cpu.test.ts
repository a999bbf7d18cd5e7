import { describeOn } from '../support/engines.js';
import { linearAlgebraSuite } from './linear-algebra.suite.js';
import { orthonormalBasisSuite } from './orthonormal-basis.suite.js';

await describeOn('cpu', (engine) => {
  linearAlgebraSuite();
  orthonormalBasisSuite(engine);
});
