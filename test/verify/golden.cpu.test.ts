import { describeOn } from '../support/engines.js';
import { goldenSuite } from './golden.suite.js';

await describeOn('cpu', goldenSuite);
