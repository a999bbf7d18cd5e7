import { describeOn } from '../support/engines.js';
import { stepsSuite } from './steps.suite.js';

await describeOn('tensorflow', stepsSuite);
