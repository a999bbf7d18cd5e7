import { describeOn } from '../support/engines.js';
import { soapLawsSuite } from './soap-laws.suite.js';

await describeOn('tensorflow', soapLawsSuite);
