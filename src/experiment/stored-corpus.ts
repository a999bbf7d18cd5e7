import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { DataConfig } from '../data/config.js';
import { isBuiltIn } from '../data/corpus-path.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { readJson } from '../results/read-run.js';

const datasetSchema = z.object({ source: z.string() });
const configSchema = z.object({ data: z.object({ corpus: z.string() }) });

/**
 * The data of a stored configuration, with a corpus that does not depend on the current folder. Earlier versions stored a
 * path as it was typed; what it meant is in the dataset.json of the runs that were begun with it.
 * @param folder Of the experiment or sweep.
 * @throws {SoapBenchError} `corpus_relative` when no run says what was meant.
 */
export function storedData(data: DataConfig, folder: string): DataConfig {
  const { corpus } = data;
  if (isBuiltIn(corpus) || isAbsolute(corpus)) return data;
  const source = runFolders(folder).flatMap((run) => sourceOf(run, corpus))[0];
  if (source !== undefined) return { ...data, corpus: source };
  throw new SoapBenchError(
    'corpus_relative',
    `${folder} names its corpus by the relative path "${corpus}", and none of its runs says where that was.`,
    {
      exitCode: exitCodes.usage,
      hint: 'An earlier version made it. Nothing of it is lost by beginning it again with `soap-bench run`, into another folder.',
    },
  );
}

function runFolders(folder: string): string[] {
  const runs = join(folder, 'runs');
  return existsSync(runs) ? readdirSync(runs).map((run) => join(runs, run)) : [];
}

/** Where a run's text was, if the run has been begun with this corpus. */
function sourceOf(run: string, corpus: string): string[] {
  const file = join(run, 'config.yaml');
  if (!existsSync(file)) return [];
  const config = configSchema.safeParse(parse(readFileSync(file, 'utf8')));
  if (config.data?.data.corpus !== corpus) return [];
  const dataset = readJson(join(run, 'dataset.json'), datasetSchema);
  return dataset === undefined ? [] : [dataset.source];
}
