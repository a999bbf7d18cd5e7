import { describeCompiled } from './support.js';
import { goldenSuite } from '../../verify/golden.suite.js';
import { stepsSuite } from '../../train/steps.suite.js';

await describeCompiled((engine) => {
  goldenSuite(engine);
  stepsSuite(engine);
});
