import { visibleText } from '../visible-text.js';
import type { Choice } from './sweep/expand.js';

/** `soap precondition_frequency=5`: an optimizer's label and what sets this setting of it apart. */
export function settingText(label: string, choices: readonly Choice[]): string {
  return [label, ...choices.map((choice) => choiceText(choice, label))].join(' ');
}

/** `precondition_frequency=5` of the label's own options, `train.steps=400` of what all share. */
function choiceText({ key, value }: Choice, label: string): string {
  const own = `optimizers.${label}.`;
  const name = key.startsWith(own) ? key.slice(own.length) : key;
  return `${name}=${visibleText(typeof value === 'string' ? value : JSON.stringify(value))}`;
}
