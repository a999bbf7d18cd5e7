import { z } from 'zod';
import { budgetsSchema } from './sweep/budgets.js';
import { launcherSchemas } from './launchers.js';
import { presetKey, presetNames, scaleKey, presetOptimizer } from './presets.js';
import { experimentSchema } from './schema.js';
import type { OptimizerTable } from './schema.js';
import { sweepSchema } from './sweep/sweep-block.js';

type Node = Record<string, unknown>;

/**
 * The JSON Schema of a configuration as it is written, for editors: with presets, lists wherever a value may be swept, and
 * nothing required that a preset or another file may give. What `validate` refuses it may accept, not the other way round.
 */
export function configJsonSchema(table: OptimizerTable): Node {
  const experiment = nodeOf(experimentSchema(table)) as { properties: Record<string, Node> };
  const { model, data, optimizers, ...others } = experiment.properties;
  const seed = swept(others.seed!);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A configuration of soap-bench',
    type: 'object',
    additionalProperties: false,
    properties: {
      ...sweptProperties(others),
      seeds: { ...seed, description: 'The same as seed; of a list each is trained.' },
      model: orPreset('model', model!, { scale: swept(nodeOf(scaleKey)) }),
      data: orPreset('data', data!, {}),
      optimizers: { ...optimizersNode(table), description: optimizers!.description },
      sweep: nodeOf(sweepSchema),
      budgets: nodeOf(budgetsSchema),
      ...Object.fromEntries(Object.entries(launcherSchemas).map(([name, schema]) => [name, open(nodeOf(schema))])),
    },
    definitions: Object.fromEntries(
      Object.entries(table).map(([name, { summary, options }]) => [name, optionsNode(name, summary, nodeOf(options))]),
    ),
  };
}

/** Labels that name an optimizer or a preset have its options; any other label says which one it means. */
function optimizersNode(table: OptimizerTable): Node {
  const presets = presetNames('optimizer').map((name): [string, string] => [name, presetOptimizer(name)]);
  const named = new Map([...Object.keys(table).map((name): [string, string] => [name, name]), ...presets]);
  const when = (key: string, value: string, optimizer: string): Node => ({
    if: { type: 'object', properties: { [key]: { const: value } }, required: [key] },
    then: { $ref: `#/definitions/${optimizer}` },
  });
  const chosen = [
    ...Object.keys(table).map((name) => when('optimizer', name, name)),
    ...presets.map(([preset, optimizer]) => when('preset', preset, optimizer)),
  ];
  const choice = { anyOf: [{ required: ['optimizer'] }, { required: ['preset'] }] };
  const keys = { optimizer: { enum: Object.keys(table) }, preset: { enum: presets.map(([name]) => name) } };
  const label = { type: ['object', 'null'], properties: keys, allOf: chosen };
  return {
    type: 'object',
    propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9_-]*$' },
    properties: Object.fromEntries(
      [...named].map(([name, optimizer]) => [
        name,
        { ...label, if: { type: 'object', ...choice }, else: { $ref: `#/definitions/${optimizer}` } },
      ]),
    ),
    additionalProperties: { ...label, type: 'object', ...choice },
  };
}

function optionsNode(name: string, summary: string, node: Node): Node {
  const options = sweptProperties(node.properties as Record<string, Node>);
  const tune = { type: 'object', description: 'Options chosen by their loss, each with the values to try.' };
  return {
    description: summary,
    type: ['object', 'null'],
    additionalProperties: false,
    properties: { ...options, optimizer: { const: name, description: summary }, preset: nodeOf(presetKey), tune },
  };
}

/** `model: 360m`, or a mapping that may start from a preset. */
function orPreset(kind: 'model' | 'data', node: Node, more: Record<string, Node>): Node {
  const names = { enum: presetNames(kind) };
  const preset = { ...swept(names), description: presetKey.description };
  const properties = { preset, ...more, ...sweptProperties(node.properties as Record<string, Node>) };
  const mapping = { type: 'object', additionalProperties: false, properties };
  return { description: node.description, anyOf: [swept(names), mapping] };
}

/** Nothing of it required, and of each key a value or a list of values. */
function sweptProperties(properties: Record<string, Node>): Record<string, Node> {
  return Object.fromEntries(Object.entries(properties).map(([key, node]) => [key, swept(open(node))]));
}

function swept(node: Node): Node {
  const { description, ...rest } = node;
  return {
    ...(description !== undefined && { description }),
    anyOf: [rest, { type: 'array', items: rest, minItems: 1 }],
  };
}

/** A mapping whose keys may be swept and need not be there. */
function open(node: Node): Node {
  const rest = { ...node };
  delete rest.required;
  const variants = rest.oneOf as Node[] | undefined;
  // A tag stays required: the rest of a variant hangs on it.
  if (variants !== undefined) return { ...rest, oneOf: undefined, anyOf: variants.map((variant) => tagged(variant)) };
  if (rest.properties === undefined) return rest;
  return { ...rest, properties: sweptProperties(rest.properties as Record<string, Node>) };
}

function tagged(variant: Node): Node {
  const { name, ...others } = variant.properties as Record<string, Node>;
  return {
    ...variant,
    properties: { ...(name && { name }), ...sweptProperties(others) },
    required: name ? ['name'] : [],
  };
}

/** As zod writes it, without its own remarks. */
function nodeOf(schema: z.ZodType): Node {
  const text = JSON.stringify(z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }));
  return JSON.parse(text, (key, value: unknown) =>
    ['expected', 'source', 'warmup', 'stepTime', '$schema'].includes(key) ? undefined : value,
  ) as Node;
}
