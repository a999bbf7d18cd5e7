import { describeOn } from '../support/engines.js';
import { scheduleFreeSuite } from './schedule-free-adamw.suite.js';

await describeOn('tensorflow', (engine) => {
  scheduleFreeSuite(engine);
});
