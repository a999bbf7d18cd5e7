import { z } from 'zod';
import type { StepTimeEffect } from '../optim/option-types.js';

/**
 * A node of the JSON Schema that zod makes of a schema; `expected` replaces the wording that a node would get, `source` says
 * where an option comes from, `warmup` that a number of steps is the length of a warm-up, `stepTime` which of its values
 * can change how long a step takes.
 */
export type SchemaNode = z.core.JSONSchema.BaseSchema & {
  expected?: string;
  source?: string;
  warmup?: boolean;
  stepTime?: StepTimeEffect;
};

export function schemaNode(schema: z.ZodType): SchemaNode {
  const node = nodes.get(schema) ?? z.toJSONSchema(schema, { io: 'input' });
  nodes.set(schema, node);
  return node;
}

/** A sweep asks for the same ones a training. */
const nodes = new WeakMap<z.ZodType, SchemaNode>();

/** The node for the value at `path`; unions are resolved by what the value says. */
export function nodeAt(root: SchemaNode, path: readonly PropertyKey[], value: unknown): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  let here = value;
  for (const step of path) {
    const key = String(step);
    node = childOf(variantOf(node, here), key);
    if (node === undefined) return undefined;
    here = typeof here === 'object' && here !== null ? (here as Record<string, unknown>)[key] : undefined;
  }
  return variantOf(node, here);
}

/** Whether the value at `path` may itself be a list, in any variant of the unions on the way. */
export function takesList(root: SchemaNode, path: readonly string[]): boolean {
  const nodes = path.reduce<readonly SchemaNode[]>(nodesBelow, [root]);
  return withVariants(nodes).some(({ type }) => type === 'array');
}

/** The nodes for the value at `key`, in any variant of the unions there. */
export function nodesBelow(nodes: readonly SchemaNode[], key: string): SchemaNode[] {
  return withVariants(nodes)
    .map((node) => childOf(node, key))
    .filter((node) => node !== undefined);
}

/** Whether any text will do there, and this value, which is none, will not. */
export function wantsText(nodes: readonly SchemaNode[], value: unknown): boolean {
  const open = withVariants(nodes).filter((node) => node.const === undefined && node.enum === undefined);
  const types = value === null ? ['null'] : typeof value === 'number' ? ['number', 'integer'] : [typeof value];
  const takes = (...names: string[]) => open.some(({ type }) => typeof type === 'string' && names.includes(type));
  return takes('string') && !takes(...types);
}

function withVariants(nodes: readonly SchemaNode[]): SchemaNode[] {
  return nodes.flatMap((node) => [node, ...withVariants(alternatives(node))]);
}

/** The keys that a mapping may have. */
export function keysOf(node: SchemaNode | undefined): string[] {
  return Object.keys(node?.properties ?? {});
}

/** The options of an optimizer that are the length of a warm-up. */
export function warmupKeys(options: z.ZodType): string[] {
  const properties = Object.entries(schemaNode(options).properties ?? {}) as [string, SchemaNode][];
  return properties.filter(([, { warmup }]) => warmup).map(([key]) => key);
}

/** What the keys of a mapping say of their effect on the time of a step; undefined for those that say nothing. */
export function stepTimeEffects(mapping: z.ZodType): Map<string, StepTimeEffect | undefined> {
  const properties = Object.entries(schemaNode(mapping).properties ?? {}) as [string, SchemaNode][];
  return new Map(
    properties.map(([key, node]) => [key, withVariants([node]).find(({ stepTime }) => stepTime)?.stepTime]),
  );
}

/** The choices of a node that only takes certain words. */
export function choicesOf(node: SchemaNode | undefined): string[] {
  if (node === undefined) return [];
  if (node.const !== undefined) return [String(node.const)];
  if (node.enum !== undefined) return node.enum.map(String);
  return alternatives(node).flatMap(choicesOf);
}

/** What a value there may be, as a noun: `a whole number ≥ 1`. */
export function expectedText(node: SchemaNode | undefined): string {
  if (node === undefined) return 'something else';
  if (node.expected !== undefined) return node.expected;
  const choices = alternatives(node);
  if (choices.length > 0) return joinOr(choices.map(expectedText));
  if (node.const !== undefined) return String(node.const);
  if (node.enum !== undefined) return `one of ${node.enum.join(', ')}`;
  switch (node.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number${rangeText(node)}`;
    case 'number':
      return `a number${rangeText(node)}`;
    case 'string':
      return 'text';
    case 'null':
      return 'null';
    case 'array':
      return `a list of ${node.prefixItems?.length ?? 'values'}, each ${expectedText(itemOf(node))}`;
    case 'object': {
      const keys = node.required ?? [];
      return keys.length === 0 ? 'a mapping' : `a mapping with ${keys.join(', ')}`;
    }
    default:
      return 'something else';
  }
}

function alternatives(node: SchemaNode): SchemaNode[] {
  return node.oneOf ?? node.anyOf ?? [];
}

function itemOf(node: SchemaNode): SchemaNode | undefined {
  return (node.prefixItems?.[0] ?? node.items) as SchemaNode | undefined;
}

function rangeText(node: SchemaNode): string {
  const [least, most] = [boundText(node.minimum), boundText(node.maximum)];
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  const bounds: string[] = [];
  if (least !== undefined) bounds.push(`≥ ${least}`);
  if (node.exclusiveMinimum !== undefined) bounds.push(`> ${node.exclusiveMinimum}`);
  if (most !== undefined) bounds.push(`≤ ${most}`);
  if (node.exclusiveMaximum !== undefined) bounds.push(`< ${node.exclusiveMaximum}`);
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}

/** `1,024`; undefined for what every number keeps to. */
function boundText(bound: number | undefined): string | undefined {
  if (bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER) return undefined;
  return Number.isInteger(bound) ? bound.toLocaleString('en-US') : String(bound);
}

function joinOr(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1) ?? ''}`;
}

/** The variant of a tagged union that the value names; with no such variant, one node that lists the tags. */
function variantOf(node: SchemaNode | undefined, value: unknown): SchemaNode | undefined {
  const variants = node === undefined ? [] : alternatives(node).filter((variant) => variant.properties !== undefined);
  if (node === undefined || variants.length === 0) return node;
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const named = variants.find((variant) => {
    const [tag, choice] = tagOf(variant);
    return tag !== undefined && fields[tag] === choice;
  });
  if (named !== undefined) return named;
  const tag = tagOf(variants[0]!)[0] ?? '';
  const choices = variants.map((variant) => String(tagOf(variant)[1]));
  return { type: 'object', properties: { [tag]: { enum: choices } }, required: [tag] };
}

function tagOf(variant: SchemaNode): [key: string | undefined, value: unknown] {
  const tag = Object.entries(variant.properties ?? {}).find(([, property]) => constantOf(property) !== undefined);
  return tag === undefined ? [undefined, undefined] : [tag[0], constantOf(tag[1])];
}

function constantOf(node: z.core.JSONSchema.JSONSchema | boolean): unknown {
  return typeof node === 'object' ? node.const : undefined;
}

function childOf(node: SchemaNode | undefined, key: string): SchemaNode | undefined {
  const { properties = {}, additionalProperties, prefixItems, items } = node ?? {};
  // A key may be called as something that every object has.
  const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
  const child = own ?? additionalProperties ?? prefixItems?.[Number(key)] ?? items;
  return typeof child === 'object' ? (child as SchemaNode) : undefined;
}
