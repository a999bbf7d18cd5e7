import { SoapBenchError, exitCodes } from '../errors.js';
import type { Place } from './tree.js';

/** One thing that is wrong with a configuration, and where. */
export interface Mistake {
  readonly place: Place;
  /** Keys from the top, empty for the file as a whole. */
  readonly path: readonly PropertyKey[];
  /** `found X, expected Y`, without a full stop. */
  readonly text: string;
  /** ` did you mean "Y"?`, or the next best thing to say. */
  readonly guess?: string;
  /** The source line with a caret, for what is not YAML. */
  readonly excerpt?: string;
}

const mostListed = 10;

/** Adds them one by one: there may be more than a call takes arguments. */
export function addAll(mistakes: Mistake[], more: readonly Mistake[]): void {
  for (const mistake of more) mistakes.push(mistake);
}

/** How a value reads in a message. */
export function foundText(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(shortened(value));
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value)) {
    const short = value.length <= 4 && value.every((item) => typeof item !== 'object');
    return short ? `[${value.map(foundText).join(', ')}]` : `a list of ${value.length}`;
  }
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'object' && Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
}

/** A number as YAML writes it. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  return Number.isFinite(value) ? String(value) : `${value < 0 ? '-' : ''}.inf`;
}

/** `configs/quickstart.yaml:3:5`, `command line: train.steps=20`, or empty for a program's value. */
export function placeText(place: Place): string {
  return place.word === undefined ? place.where : `command line: ${shortened(place.word)}`;
}

/** A word of a sweep can be as long as its values are many. */
function shortened(text: string): string {
  const most = 200;
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

export function mistakeText({ place, path, text, guess = '', excerpt }: Mistake): string {
  const dotted = path.map(String).join('.');
  const wordNamesPath = place.word?.split('=')[0] === dotted;
  const parts = [placeText(place), wordNamesPath ? '' : dotted, text].filter((part) => part !== '');
  const sentence = `${parts.join(': ')}${replacedText(place)}.${guess}`;
  return excerpt === undefined ? sentence : `${sentence}\n${excerpt}`;
}

function replacedText({ replaced }: Place): string {
  // What a program passed in has no place to show.
  if (!replaced?.where) return '';
  return ` (${replaced.where} sets it to ${foundText(replaced.value)})`;
}

/** Throws one error that lists the mistakes; returns when there are none. */
export function throwIfAny(mistakes: readonly Mistake[]): void {
  if (mistakes.length === 0) return;
  const lines = mistakes.slice(0, mostListed).map(mistakeText);
  if (mistakes.length > mostListed) lines.push(`… and ${mistakes.length - mostListed} more`);
  const message = mistakes.length === 1 ? lines[0]! : [`${mistakes.length} mistakes:`, ...lines].join('\n');
  throw new SoapBenchError('config_invalid', message, {
    exitCode: exitCodes.usage,
    hint: '`soap-bench config explain` lists every key with its default and its meaning.',
  });
}
