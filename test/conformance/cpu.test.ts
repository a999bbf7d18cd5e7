import { describeOn } from '../support/engines.js';
import { conformanceSuite } from './conformance.suite.js';

await describeOn('cpu', conformanceSuite);
