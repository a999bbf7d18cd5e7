import { didYouMean } from '../did-you-mean.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import type { FoundRun } from '../results/find.js';
import { runRow } from './run-rows.js';
import { leaves } from './settings.js';

/** `final_loss<4`: a column of the list, a key of the configuration, or an option of the run's optimizer. */
export interface Condition {
  readonly field: string;
  readonly operator: '<' | '<=' | '>' | '>=' | '=' | '!=';
  readonly value: string;
}

/** @throws {SoapBenchError} `condition_invalid` (exit code 2). */
export function parseCondition(text: string): Condition {
  const match = /^\s*([\w.-]+?)\s*(<=|>=|!=|<|>|=)\s*(\S.*?)\s*$/.exec(text);
  if (match === null) throw invalid(`"${text}" is no condition: expected a field, one of < <= > >= = !=, and a value`);
  const [, field, operator, value] = match as unknown as [string, string, Condition['operator'], string];
  return { field, operator, value };
}

/**
 * The runs that meet all conditions. One that has not got a field meets no condition on it.
 * @throws {SoapBenchError} `field_unknown` when no run has a field, `condition_invalid` (exit code 2).
 */
export function filterRuns(runs: readonly FoundRun[], conditions: readonly Condition[]): FoundRun[] {
  for (const { field } of conditions) assertField(field, runs);
  return runs.filter((run) => conditions.every((condition) => meets(fieldsOf(run).get(condition.field), condition)));
}

/**
 * The runs by a field, the least first; those that have not got it stand at the end.
 * @throws {SoapBenchError} `field_unknown` (exit code 2).
 */
export function sortRuns(runs: readonly FoundRun[], field: string): FoundRun[] {
  assertField(field, runs);
  const keyed = runs.map((run) => ({ run, value: fieldsOf(run).get(field) ?? null }));
  const isUnknown = (value: unknown) => value === null || Number.isNaN(value);
  return keyed
    .toSorted((a, b) => {
      if (isUnknown(a.value) || isUnknown(b.value)) return Number(isUnknown(a.value)) - Number(isUnknown(b.value));
      return compare(a.value, b.value);
    })
    .map(({ run }) => run);
}

/** Every field of a run by its name: the columns of the list, its optimizer's options, and dotted keys. */
function fieldsOf(run: FoundRun): Map<string, unknown> {
  const { label, optimizer, options, ...shared } = run.config ?? {};
  return new Map([
    ...leaves({ ...shared, baseline: label }),
    ['optimizer', optimizer],
    ...Object.entries(options ?? {}),
    ...Object.entries(runRow(run)),
  ]);
}

function meets(found: unknown, { field, operator, value }: Condition): boolean {
  if (found === undefined) return false;
  if (typeof found === 'number') {
    const number = value === 'inf' ? Infinity : Number(value);
    if (Number.isNaN(number)) throw invalid(`${field} is a number, and "${value}" is none`);
    return holds(compare(found, number), operator);
  }
  const text = typeof found === 'string' ? found : JSON.stringify(found);
  if (operator === '=') return text === value;
  if (operator === '!=') return text !== value;
  // What is unknown is neither more nor less than anything.
  return found !== null && holds(compare(text, value), operator);
}

function holds(order: number, operator: Condition['operator']): boolean {
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  if (operator === '>') return order > 0;
  if (operator === '>=') return order >= 0;
  return operator === '=' ? order === 0 : order !== 0;
}

/** NaN for what cannot be ordered, which no comparison holds for. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : a - b;
  const [left, right] = [String(a), String(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}

function assertField(field: string, runs: readonly FoundRun[]): void {
  if (runs.length === 0) return;
  const fields = new Set(runs.flatMap((run) => [...fieldsOf(run).keys()]));
  if (fields.has(field)) return;
  const guess = didYouMean(field, [...fields]);
  throw new SoapBenchError('field_unknown', `no run has a field "${field}"${guess === '' ? '' : `;${guess}`}`, {
    exitCode: exitCodes.usage,
    hint: 'fields are the keys that `soap-bench list --json` prints, those of the configuration, and the optimizer’s options',
  });
}

function invalid(message: string): SoapBenchError {
  return new SoapBenchError('condition_invalid', message, {
    exitCode: exitCodes.usage,
    hint: 'for example --where "final_loss<4" --where lr=0.01, with quotes because of the shell',
  });
}
