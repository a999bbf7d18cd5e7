import { describeOn } from '../support/engines.js';
import { galoreSuite } from './galore.suite.js';
import { kronSuite } from './kron.suite.js';
import { newtonSchulzSuite } from './newton-schulz.suite.js';
import { scheduleFreeSuite } from './schedule-free-adamw.suite.js';

await describeOn('wasm', (engine) => {
  scheduleFreeSuite(engine);
  galoreSuite(engine);
  kronSuite(engine);
  newtonSchulzSuite();
});
