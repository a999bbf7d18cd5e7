import { countText, lossText } from '../../format.js';
import { edgeText, type ChosenSetting, type TuningResult } from '../../analysis/tuning.js';

/**
 * A line for each setting that was chosen:
 * `soap  lr=0.02  4.601  best of 5 with 200 steps and seed 0; lr is the largest tried: beyond it may be a better one`
 */
export function tuningText(results: readonly TuningResult[]): string[] {
  const lines = results.flatMap(linesOf);
  const widest = (key: 'title' | 'values' | 'loss') => Math.max(...lines.map((line) => line[key].length));
  return lines.map(({ title, values, loss, words }) => {
    const chosen = values === '' ? '' : `  ${values.padEnd(widest('values'))}  ${loss.padStart(widest('loss'))}`;
    return `  ${title.padEnd(widest('title'))}${chosen}  ${words}`;
  });
}

interface Line {
  readonly title: string;
  /** Empty where nothing is chosen. */
  readonly values: string;
  readonly loss: string;
  readonly words: string;
}

function linesOf({ title, tried, chosen }: TuningResult): Line[] {
  const without = (words: string) => [{ title, values: '', loss: '', words }];
  const known = tried.filter(({ loss }) => loss !== null).length;
  if (chosen === undefined) return without(`${known} of ${tried.length} settings tried so far`);
  if (chosen.length === 0) return without(`no setting: all ${tried.length} diverged or failed`);
  return chosen.map((winner) => {
    return { title, values: valuesText(winner), loss: lossText(winner.loss), words: wordsOf(winner, tried) };
  });
}

function valuesText({ values }: ChosenSetting): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.entries(values)
    .map(([key, value]) => `${key}=${text(value)}`)
    .join(' ');
}

function wordsOf({ budget, edges }: ChosenSetting, tried: TuningResult['tried']): string {
  const same = tried.filter((trial) => trial.budget === budget);
  const lost = same.filter(({ loss }) => loss === Infinity).length;
  const failed = lost === 0 ? '' : `, ${lost} of them diverged or failed`;
  const edge = edges.length === 0 ? '' : `; ${edgeText(edges)}: a better one may lie beyond`;
  return `best of ${same.length} with ${countText(budget)} steps and seed ${same[0]!.seed}${failed}${edge}`;
}
