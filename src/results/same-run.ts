import { decidingPart } from '../config/sweep/deciding-part.js';
import type { RunConfig } from '../config/run-config.js';
import type { Engine } from '../engine/engine.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import type { CheckpointRecord } from './checkpoint.js';
import { differences } from './differences.js';

/** The two halves of a run have to be one: nothing that a checkpoint stands for may have changed since. */

/**
 * Compares what decides a run's numbers.
 * @throws {SoapBenchError} `config_changed` naming every key that differs.
 */
export function assertSameConfig(before: RunConfig, now: RunConfig, file: string): void {
  const { label } = now;
  const changes = differences(comparable(before, label), comparable(now, label));
  if (changes.length === 0) return;
  throw new SoapBenchError(
    'config_changed',
    `the configuration is not the one of ${file}:\n  ${changes.join('\n  ')}`,
    {
      exitCode: exitCodes.usage,
      hint: 'undo the change to go on, or run the changed configuration into another folder',
    },
  );
}

/** @throws {SoapBenchError} `data_changed`. */
export function assertSameData(before: string, now: string): void {
  if (before === now) return;
  const text = `the text is not the one that training began with (fingerprint ${before.slice(0, 8)}, now ${now.slice(0, 8)})`;
  throw new SoapBenchError('data_changed', text, {
    exitCode: exitCodes.usage,
    hint: 'bring the text back to go on, or train on the new one into another folder',
  });
}

/**
 * Whether an engine can go on with what another process computed.
 * @returns What differs and may change last digits, undefined when nothing does.
 * @throws {SoapBenchError} `engine_changed` when it is another one, or no longer compiles its steps.
 */
export function assertSameEngine(before: CheckpointRecord['engine'], now: Engine): string | undefined {
  if (before.name !== now.name || before.compiled !== now.compiled) {
    throw new SoapBenchError(
      'engine_changed',
      `the checkpoint was computed with ${engineText(before)}, and this is ${engineText(now)}`,
      {
        exitCode: exitCodes.unavailable,
        hint: `get that engine back (\`soap-bench doctor\`), or run the experiment again into another folder`,
      },
    );
  }
  const { version, device, threads } = now;
  const changes = differences(
    { version: before.version, device: before.device, threads: before.threads },
    { version, device, threads },
  );
  return changes.length === 0 ? undefined : `last digits may differ from here on: ${changes.join('; ')}`;
}

function engineText({ name, compiled }: { name: string; compiled: boolean }): string {
  return compiled ? `${name}, compiled` : name;
}

/** As files have it, where a key without a value is no key, and with the options at their place. */
function comparable(config: RunConfig, label: string): unknown {
  const { options, ...rest } = decidingPart(config);
  return JSON.parse(JSON.stringify({ ...rest, optimizers: { [label]: options } }));
}
