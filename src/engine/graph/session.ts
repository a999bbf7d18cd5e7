import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SoapBenchError, messageOf } from '../../errors.js';
import { writeError } from '../../system-error.js';
import { temporaryFolder } from '../../files/temporary-folder.js';
import type { Node, Output } from './graph.js';
import { nativeBackend, type NativeTensor } from './native.js';
import { graphTag, nodeName, serializeSavedModel } from './serialize.js';

/** A native tensor (by number) that is fed to an output. */
export type Feed = readonly [Output, number];

/** A graph loaded into TensorFlow, with its variables. */
export class Session {
  readonly #binding = nativeBackend().binding;
  readonly #id: number;

  /** @param nodes All nodes that the session will run, each after its inputs and controls. */
  constructor(nodes: readonly Node[]) {
    // Written, loaded and removed at once, so that only a killed process leaves the folder behind.
    const folder = temporaryFolder('graph');
    try {
      writeGraph(join(folder, 'saved_model.pb'), nodes);
      this.#id = this.#binding.loadSavedModel(folder, graphTag);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * Runs everything that the fetched outputs need, including controls.
   * @returns Native tensors. The caller deletes them and the fed tensors.
   * @throws SoapBenchError `step_failed` with TensorFlow's message.
   */
  run(feeds: readonly Feed[], fetches: readonly Output[]): NativeTensor[] {
    const names = (outputs: readonly Output[]) =>
      outputs.map(({ node, index }) => `${nodeName(node)}:${index}`).join(',');
    try {
      return this.#binding.runSavedModel(
        this.#id,
        feeds.map(([, tensor]) => tensor),
        names(feeds.map(([output]) => output)),
        names(fetches),
      );
    } catch (error) {
      const reason = messageOf(error).split('\n')[0]!.replace('Session fail to run with error: ', '');
      throw new SoapBenchError('step_failed', `TensorFlow could not run a step: ${reason}`, { cause: error });
    }
  }

  dispose(): void {
    this.#binding.deleteSavedModel(this.#id);
  }
}

function writeGraph(file: string, nodes: readonly Node[]): void {
  try {
    writeFileSync(file, serializeSavedModel(nodes));
  } catch (error) {
    throw writeError(file, error);
  }
}
