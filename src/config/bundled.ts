import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../own-package.js';

/** The folder of what ships with the package. */
const folder = path.join(packageRoot, 'configs/');

/** A configuration that ships with the package. */
export interface BundledConfig {
  /** What it is called on the command line: `quickstart`, `paper/headline-360m`. */
  readonly name: string;
  readonly file: string;
  /** The first sentence of its first comment. */
  readonly summary: string;
}

/** The configurations that ship with the package, presets and what changes another one apart. */
export function bundledConfigs(): BundledConfig[] {
  return bundledNames().map((name) => {
    const file = path.join(folder, `${name}.yaml`);
    return { name, file, summary: firstSentence(readFileSync(file, 'utf8')) };
  });
}

/**
 * The file that a word of the command line names: one that is there, else the configuration of that name that ships with
 * the package, so that `quickstart` and `configs/quickstart.yaml` mean it in any folder; else the word itself.
 */
export function configFile(word: string): string {
  if (existsSync(word)) return word;
  const name = word.replace(/^(\.\/)?configs\//, '').replace(/\.ya?ml$/, '');
  return namesBelow('').includes(name) ? path.join(folder, `${name}.yaml`) : word;
}

/** Whether a word of the command line means a certain one of those, and not a file of the user's. */
export function isBundled(word: string, name: string): boolean {
  const file = configFile(word);
  return existsSync(file) && realpathSync(file) === realpathSync(path.join(folder, `${name}.yaml`));
}

/** What a configuration that ships with the package can be called by. */
export function bundledNames(): string[] {
  return namesBelow('').filter((name) => !layerFolders.some((layer) => name.startsWith(`${layer}/`)));
}

const presetFolders = ['model', 'data', 'optimizer'];
/** Files that stand for nothing alone: each changes the one of its name in `paper`. */
const layerFolders = ['paper/full', 'paper/quick', 'paper/strong'];

function namesBelow(below: string): string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true })
    .sort((a, b) => Number(a.isDirectory()) - Number(b.isDirectory()) || (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const name = path.posix.join(below, entry.name);
      if (!entry.isDirectory()) return name.endsWith('.yaml') ? [name.slice(0, -'.yaml'.length)] : [];
      return presetFolders.includes(name) ? [] : namesBelow(name);
    });
}

function firstSentence(text: string): string {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#') || line.trim() === '#');
  const comment = lines.slice(0, end).map((line) => line.replace(/^# ?/, ''));
  const words = comment.filter((line) => !line.startsWith('yaml-language-server')).join(' ');
  return /^.*?[.?!:](?= |$)/.exec(words)?.[0] ?? words;
}
