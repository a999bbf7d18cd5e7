import { isBundled } from '../config/bundled.js';
import { loadSweep, type ExperimentSource } from '../config/load.js';
import type { EngineChoice } from '../engine/engine.js';
import { warn } from './terminal/output.js';

/** What makes a few minutes of the quickstart where the native engine takes one or two. */
export const smaller = [
  'model.n_layer=2',
  'model.d_model=64',
  'model.n_head=1',
  'train.steps=150',
  'train.batch_tokens=1024',
  'train.schedule.warmup_steps=15',
];

/**
 * The quickstart in a size that an engine other than the native one trains in a few minutes, said in one line; any other
 * configuration as it is. What somebody typed stays as it is.
 * @param asked The engine that the command line asks for, if it does.
 * @param probe Whether the native engine loads.
 */
export async function fittingQuickstart(
  source: ExperimentSource,
  asked: EngineChoice | undefined,
  probe: () => Promise<boolean> = nativeLoads,
): Promise<ExperimentSource> {
  const [file] = source.files;
  if (source.files.length !== 1 || !isBundled(file!, 'quickstart')) return source;
  const engine = asked ?? loadSweep(source).config.engine;
  if (engine === 'tensorflow' || (engine === 'auto' && (await probe()))) return source;
  const words = smaller.filter((word) => !isTyped(word, source.overrides));
  if (words.length === 0) return source;
  warn(`without the native engine the quickstart is a smaller one: ${words.join(' ')}`);
  return { ...source, overrides: [...words, ...source.overrides] };
}

/** Whether somebody typed this key, or what it is a part of. The keys of a model are of no use apart. */
function isTyped(word: string, overrides: readonly string[]): boolean {
  const keyOf = (one: string) => one.replace(/^~/, '').split('=')[0]!;
  const key = keyOf(word);
  return overrides
    .map(keyOf)
    .some((typed) => `${key}.`.startsWith(`${typed}.`) || (key.startsWith('model.') && /^model\b/.test(typed)));
}

async function nativeLoads(): Promise<boolean> {
  const { probeInstalled } = await import('../engine/setup/probe.js');
  return probeInstalled().then(
    () => true,
    () => false,
  );
}
