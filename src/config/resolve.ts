import type { z } from 'zod';
import { vocabSizeOf } from '../data/tokenizers/tokenizer.js';
import { conflictsOf } from './checks.js';
import type { Conflict } from './checks.js';
import { choicesOf, expectedText, keysOf, nodeAt, schemaNode } from './describe.js';
import type { SchemaNode } from './describe.js';
import { addAll, foundText, placeText } from './mistakes.js';
import type { Mistake } from './mistakes.js';
import { experimentSchema } from './schema.js';
import type { ExperimentConfig, OptimizerConfig, OptimizerTable } from './schema.js';
import { didYouMean } from '../did-you-mean.js';
import { lookUp, toPlain } from './tree.js';
import type { Mapping } from './tree.js';
import { asTyped } from './typed-text.js';

/**
 * Checks a configuration whose presets are expanded, and fills in what is left out.
 * Mistakes are added to `mistakes`; the answer is then undefined.
 * @param name What the experiment is called when it does not say so itself.
 */
export function resolve(
  written: Mapping,
  table: OptimizerTable,
  name: string,
  mistakes: Mistake[],
): ExperimentConfig | undefined {
  const schema = experimentSchema(table);
  const root = schemaNode(schema);
  const config = asTyped(written, root);
  const complete = schema
    .transform((input) => withDerivedDefaults(input, name))
    .superRefine((experiment, context) => {
      for (const conflict of conflictsOf(experiment, root)) {
        const { path, expected } = conflict;
        context.addIssue({ code: 'custom', path: [...path], message: expected, params: { conflict } });
      }
    });
  const result = complete.safeParse(toPlain(config));
  if (result.success) return result.data;
  addAll(mistakes, withoutEchoes(mistakesOf(result.error.issues, config, root)));
  return undefined;
}

/** Defaults that depend on other keys. */
function withDerivedDefaults(input: z.output<ReturnType<typeof experimentSchema>>, name: string): ExperimentConfig {
  const { seed, engine, threads, compile, precision, xla, tensorboard, model, data, target, optimizers } = input;
  const { steps, batch_tokens, microbatch_tokens, max_loss, ...otherTrain } = input.train;
  const labels = Object.keys(optimizers);
  // Written key by key: what was left out stands where it would have been given.
  return {
    name: input.name ?? name,
    seed,
    engine,
    threads,
    compile,
    precision,
    xla,
    tensorboard,
    model,
    data,
    train: {
      steps,
      batch_tokens,
      microbatch_tokens: microbatch_tokens ?? batch_tokens,
      ...otherTrain,
      max_loss: max_loss === undefined ? threeTimesGuessing(data) : max_loss,
    },
    baseline: input.baseline ?? (labels.includes('adamw') ? 'adamw' : (labels[0] ?? '')),
    target,
    optimizers: Object.fromEntries(
      Object.entries(optimizers).map(([label, entry]) => {
        const { optimizer, ...options } = entry as OptimizerConfig;
        return [label, { optimizer, ...options }];
      }),
    ),
  };
}

/** Guessing costs ln(vocabulary) nats a token; three times that is never met on the way down. */
function threeTimesGuessing({ tokenizer, vocab_size }: ExperimentConfig['data']): number {
  const vocabulary = vocab_size ?? vocabSizeOf(tokenizer, undefined);
  return Number((3 * Math.log(vocabulary)).toFixed(1));
}

/**
 * What zod found, in the words of a message.
 * @param root Describes the schema that looked at `config`.
 * @param above The keys above `config`, when it is a part of a configuration.
 */
export function mistakesOf(
  issues: readonly z.core.$ZodIssue[],
  config: Mapping,
  root: SchemaNode,
  above: readonly string[] = [],
): Mistake[] {
  const plain = toPlain(config);
  return issues.flatMap((issue) => mistakesOfOne(issue, { config, plain, root, above }));
}

interface Checked {
  readonly config: Mapping;
  /** The same without places. */
  readonly plain: unknown;
  readonly root: SchemaNode;
  readonly above: readonly string[];
}

function mistakesOfOne(issue: z.core.$ZodIssue, { config, plain, root, above }: Checked): Mistake[] {
  const { path } = issue;
  const whole = [...above, ...path];
  const at = lookUp(config, path);
  const value = at.found ? valueAt(plain, path) : undefined;
  if (issue.code === 'unrecognized_keys') {
    const allowed = [...keysOf(nodeAt(root, path, plain)), ...chooserKeys(whole)];
    return issue.keys.map((key) => {
      const text = `found an unknown key, expected one of: ${allowed.join(', ')}`;
      return {
        place: lookUp(config, [...path, key]).key,
        path: [...whole, key],
        text,
        guess: didYouMean(key, allowed),
      };
    });
  }
  if (issue.code === 'invalid_key') {
    const node = nodeAt(root, path.slice(0, -1), plain)?.propertyNames as SchemaNode | undefined;
    return [
      { place: at.key, path: whole, text: `found the label ${foundText(path.at(-1))}, expected ${expectedText(node)}` },
    ];
  }
  if (issue.code === 'custom') {
    const conflict = issue.params?.conflict as Conflict | undefined;
    // The rules of an optimizer's own options speak in whole sentences.
    const expected = issue.message.replace(/^must be /, '');
    const found = value === undefined ? 'the default' : foundText(value);
    const text = `found ${found}, expected ${expected}${relatedText(conflict, config)}`;
    return [{ place: at.place, path: whole, text, guess: guessText(value, conflict?.choices ?? []) }];
  }
  const node = nodeAt(root, path, plain);
  const text = `found ${foundText(value)}, expected ${expectedText(node)}`;
  return [{ place: at.place, path: whole, text, guess: guessText(value, choicesOf(node)) }];
}

/** One message a mistake: a key that was mistyped is not missing as well. */
function withoutEchoes(mistakes: readonly Mistake[]): Mistake[] {
  const meant = new Set(mistakes.filter(({ guess }) => guess !== undefined && guess !== '').map(meantKey));
  return mistakes.filter(({ path, text }) => !(text.startsWith('found nothing') && meant.has(path.join('.'))));
}

/** The key that an unknown key was meant as, dotted. */
function meantKey({ path, guess = '' }: Mistake): string {
  return [...path.slice(0, -1), /"(.*)"/.exec(guess)?.[1]].join('.');
}

function guessText(value: unknown, choices: readonly string[]): string {
  return typeof value === 'string' ? didYouMean(value, choices) : '';
}

function relatedText(conflict: Conflict | undefined, config: Mapping): string {
  if (conflict?.related === undefined) return '';
  const related = lookUp(config, conflict.related);
  const where = placeText(related.place);
  return related.found && where !== '' ? ` (${where})` : '';
}

/** Keys that are gone by now, expanded, and that a file may have all the same. */
function chooserKeys(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return ['seeds', 'sweep', 'budgets', 'slurm', 'kubernetes'];
  if (path.length === 1 && path[0] === 'model') return ['preset', 'scale'];
  if (path.length === 1 && path[0] === 'data') return ['preset'];
  return path.length === 2 && path[0] === 'optimizers' ? ['preset', 'tune'] : [];
}

function valueAt(plain: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], plain);
}
