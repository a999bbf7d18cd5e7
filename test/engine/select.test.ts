import '@tensorflow/tfjs-backend-cpu';
import { findBackendFactory, registerBackend } from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { openEngine } from '../../src/engine/select.js';
import { gpuUnusedText } from '../../src/engine/setup/system.js';

const machine = vi.hoisted(() => ({ isUnused: false }));
vi.mock(import('../../src/engine/setup/system.js'), async (original) => ({
  ...(await original()),
  gpuIsUnused: () => machine.isUnused,
}));
vi.mock(import('../../src/engine/tensorflow/load.js'), () => ({
  loadTensorFlow: () => Promise.resolve({ device: 'a CPU', version: '2.21.0', threads: 1, isGpu: false }),
}));
vi.mock(import('../../src/engine/tensorflow/linear-algebra.js'), () => ({
  registerNativeLinearAlgebra: () => undefined,
}));
registerBackend('tensorflow', findBackendFactory('cpu'));

it.each([true, false])('says when there is a GPU that the native engine does not use: %s', async (isUnused) => {
  machine.isUnused = isUnused;
  const said: string[] = [];
  await openEngine({ engine: 'auto', threads: 1, compile: false }, (line) => said.push(line));
  expect(said).toEqual(isUnused ? [gpuUnusedText] : []);
});
