import { describeOn } from '../support/engines.js';
import { gptSuite } from './gpt.suite.js';
import { layersSuite } from './layers.suite.js';

await describeOn('wasm', () => {
  layersSuite();
  gptSuite();
});
