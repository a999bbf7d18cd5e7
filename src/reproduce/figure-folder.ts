import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseScale } from '../config/scale.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { isFile } from '../files/folders.js';
import { readJson } from '../results/read-run.js';
import { figures } from './figures.js';

/** How much is trained: in minutes, in one sitting, or as the paper did on a cluster. */
export const profiles = ['quick', 'standard', 'full'] as const;
export type Profile = (typeof profiles)[number];

/** Whose training recipe: the paper's, or that of its critics. */
export const protocols = ['paper', 'strong'] as const;
export type Protocol = (typeof protocols)[number];

const figureFile = 'figure.json';

const figureFileSchema = z.strictObject({
  figure: z.enum(figures.map(({ id }) => id)),
  profile: z.enum(profiles),
  protocol: z.enum(protocols),
  /** The model's scale where it is not the configuration's: `1/4`. */
  scale: z
    .string()
    .refine((text) => parseScale(text) !== undefined, 'expected a fraction such as 1/4')
    .nullable(),
  experiments: z.array(z.string().regex(/^[a-z0-9-]+$/)).min(1),
  /** YAML files and words by which somebody has changed its configurations; left out where nobody has. */
  changes: z.array(z.string()).min(1).optional(),
});

/** What figure.json says: which figure of the paper a folder holds, how it was run, and its experiments' folders. */
export type FigureFile = Readonly<z.infer<typeof figureFileSchema>>;

/** How a figure is run. */
export type FigureVariant = Pick<FigureFile, 'figure' | 'profile' | 'protocol' | 'scale'>;

/** `headline`, `headline-quick`, `headline-quick-strong-1of4`: the name of a figure's folder. */
export function figureFolderName({ figure, profile, protocol, scale }: FigureVariant): string {
  const parts = [
    figure,
    ...(profile === 'standard' ? [] : [profile]),
    ...(protocol === 'paper' ? [] : [protocol]),
    ...(scale === null ? [] : [scale.replaceAll(/\s/g, '').replace('/', 'of')]),
  ];
  return parts.join('-');
}

/** What `soap-bench reproduce` is told to run a figure that way: `headline --profile quick`. */
export function figureVariantWords({ figure, profile, protocol, scale, changes = [] }: FigureFile): string[] {
  return [
    figure,
    ...changes,
    ...(profile === 'standard' ? [] : ['--profile', profile]),
    ...(protocol === 'paper' ? [] : ['--protocol', protocol]),
    ...(scale === null ? [] : ['--scale', scale]),
    // Changed, it goes into a folder of one's own.
    ...(changes.length === 0 ? [] : ['--output', 'FOLDER']),
  ];
}

/** Whether a folder is that of a figure. */
export function isFigureFolder(folder: string): boolean {
  return isFile(join(folder, figureFile));
}

/**
 * Reads what a figure's folder holds.
 * @throws {SoapBenchError} `results_damaged` (exit code 6).
 */
export function readFigureFile(folder: string): FigureFile {
  return readJson(join(folder, figureFile), figureFileSchema)!;
}

/** Makes a folder a figure's, or keeps it one. */
export function writeFigureFile(folder: string, file: FigureFile): void {
  mkdirSync(folder, { recursive: true });
  writeFileAtomic(join(folder, figureFile), JSON.stringify(figureFileSchema.parse(file)) + '\n');
}

/** The folders of a figure's experiments, each an ordinary sweep, also those that are not there yet. */
export function experimentFolders(folder: string): string[] {
  return readFigureFile(folder).experiments.map((experiment) => join(folder, experiment));
}

/** Whether there is anything in an experiment's folder yet; one whose steps are only timed has no runs. */
export function isBegun(folder: string): boolean {
  return isFile(join(folder, 'config.yaml'));
}
