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

/** Reference data that ships with the package. */
const goldenFolder = `${packageRoot}test/golden/`;

/** The golden files that ship with the package, by name. */
export async function shippedGoldenFiles(): Promise<string[]> {
  const names = await readdir(goldenFolder);
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(goldenFolder, name));
}

/**
 * Compares an engine with a golden file, an optimizer's trajectory or a model.
 * @throws SoapBenchError `file_invalid` when the file is of neither format, `reference_unknown` when no optimizer here does
 * what its reference did.
 */
export async function verifyFile(engine: Engine, path: string): Promise<Check[]> {
  const invalid = (cause: unknown) => {
    // What cannot be read says nothing of its format.
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

/** A reference's options may be out of what the optimizer here allows: then it cannot be followed. */
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
