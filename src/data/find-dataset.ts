import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';
import { didYouMean } from '../did-you-mean.js';
import { manifestFile, readManifest, type Manifest } from './manifest.js';
import { datasetsRoot, exists } from './staging.js';

/** A prepared dataset with its manifest, or with the reason why it cannot be read. */
export interface ListedDataset {
  name: string;
  folder: string;
  manifest: Manifest | undefined;
  problem: string | undefined;
}

/** Lists all prepared datasets by name; none if there is no datasets folder. */
export async function listDatasets(): Promise<ListedDataset[]> {
  const root = resolve(datasetsRoot());
  const listed: ListedDataset[] = [];
  for (const entry of await readdir(root, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const folder = join(root, entry.name);
    const dataset = { name: entry.name, folder, manifest: undefined, problem: undefined };
    try {
      listed.push({ ...dataset, manifest: await readManifest(folder) });
    } catch (error) {
      listed.push({ ...dataset, problem: messageOf(error) });
    }
  }
  return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Finds the folder of a prepared dataset by its path, its name or the start of its name.
 * @throws {SoapBenchError} `dataset_unknown`, or `dataset_ambiguous` if several names match.
 */
export async function findDataset(nameOrPath: string): Promise<string> {
  if (await exists(join(nameOrPath, manifestFile))) return resolve(nameOrPath);
  const datasets = await listDatasets();
  const exact = datasets.find((dataset) => dataset.name === nameOrPath);
  if (exact !== undefined) return exact.folder;
  const matches = datasets.filter((dataset) => dataset.name.startsWith(`${nameOrPath}-`));
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only.folder;
  const names = (matches.length > 0 ? matches : datasets).map((dataset) => dataset.name);
  if (matches.length > 1) {
    throw new SoapBenchError('dataset_ambiguous', `${matches.length} prepared datasets begin with "${nameOrPath}".`, {
      exitCode: exitCodes.usage,
      hint: `Name one of them: ${names.join(', ')}.`,
    });
  }
  const guess = didYouMean(nameOrPath, [...names, ...names.map(withoutFingerprint)]);
  throw new SoapBenchError(
    'dataset_unknown',
    `There is no prepared dataset "${nameOrPath}" in ${resolve(datasetsRoot())}.${guess}`,
    {
      exitCode: exitCodes.usage,
      hint:
        names.length === 0
          ? 'Nothing is prepared yet: `soap-bench data prepare sotu` does it.'
          : `Prepared are: ${names.join(', ')}.`,
    },
  );
}

function withoutFingerprint(name: string): string {
  return name.replace(/-[0-9a-f]{8}$/, '');
}
