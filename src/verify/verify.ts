import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../own-package.js';
import type { Engine } from '../engine/engine.js';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';
import { isSystemError, systemError } from '../system-error.js';
import { parseSafetensors } from '../train/safetensors.js';
import type { Check } from './check.js';
import { modelFile, verifyModel } from './gpt-tiny.js';
import { trajectoryFile, verifyTrajectory } from './optimizer-trajectory.js';

/** The folder of the reference data that ships with the package. */
const goldenFolder = `${packageRoot}test/golden/`;

/** Lists the golden files that ship with the package, by name. */
export async function shippedGoldenFiles(): Promise<string[]> {
  const names = await readdir(goldenFolder);
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(goldenFolder, name));
}

/**
 * Compares an engine with a golden file: an optimizer's trajectory or a model.
 * @throws SoapBenchError `file_invalid` if the file has neither format, `reference_unknown` if no optimizer here follows its
 * reference.
 */
export async function verifyFile(engine: Engine, path: string): Promise<Check[]> {
  const invalid = (cause: unknown) => {
    // A file that cannot be read is not a file of the wrong format.
    if (isSystemError(cause)) return systemError(cause);
    return new SoapBenchError('file_invalid', `${path}: not a golden file: ${messageOf(cause)}`, {
      exitCode: exitCodes.usage,
      hint: 'the formats are described in test/golden/README.md',
      cause,
    });
  };
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw invalid(error);
  }
  const trajectory = trajectoryFile.safeParse(content);
  if (trajectory.success) return supported(path, () => verifyTrajectory(engine, trajectory.data));
  const model = modelFile.safeParse(content);
  if (!model.success) throw invalid(new Error('it has neither the keys of a trajectory nor those of a model'));
  const beside = async (kind: string) => {
    const file = join(dirname(path), `${basename(path, '.json')}.${kind}.safetensors`);
    try {
      return parseSafetensors(await readFile(file), file);
    } catch (error) {
      throw invalid(error);
    }
  };
  const [initial, gradients] = [await beside('initial'), await beside('gradients')];
  return supported(path, () => verifyModel(engine, model.data, initial, gradients));
}

/** Reports a reference whose options are outside of the range that the optimizer here allows. */
async function supported(path: string, verify: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await verify();
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const reason = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new SoapBenchError('reference_unknown', `an option of the reference is not supported: ${reason}`, {
      hint: `the options stand in ${path}; \`soap-bench optimizers explain\` lists those of an optimizer`,
      cause: error,
    });
  }
}
