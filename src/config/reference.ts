import type { z } from 'zod';
import { expectedText, schemaNode } from './describe.js';
import type { SchemaNode } from './describe.js';
import { launcherSchemas } from './launchers.js';
import { presetKey, scaleKey } from './presets.js';
import { experimentSchema } from './schema.js';
import type { OptimizerTable } from './schema.js';

/** A key of the configuration, as the reference shows it. */
export interface ReferenceRow {
  /** Dotted; the options of an optimizer stand under its name: `optimizers.soap.lr`. */
  readonly key: string;
  readonly allowed: string;
  /** As YAML; undefined when the key has to be given or its meaning says what happens without it. */
  readonly fallback: string | undefined;
  readonly required: boolean;
  readonly meaning: string;
  /** Where an optimizer's option comes from, when not from where the optimizer does. */
  readonly source?: string;
}

/** Every key, in the order of a resolved configuration, from the schemas that check it. */
export function referenceRows(table: OptimizerTable): ReferenceRow[] {
  const launchers = Object.entries(launcherSchemas).flatMap(([name, schema]) => rowsOf(schemaNode(schema), `${name}.`));
  return [...rowsOf(schemaNode(experimentSchema(table)), ''), ...launchers];
}

/** Rows whose key is `path` or lies below it. */
export function rowsBelow(rows: readonly ReferenceRow[], path: string): ReferenceRow[] {
  return rows.filter(({ key }) => path === '' || key === path || key.startsWith(`${path}.`));
}

/** docs/config.md. */
export function referenceMarkdown(table: OptimizerTable): string {
  const rows = referenceRows(table);
  const sections = [
    ...['model', 'data', 'train'],
    ...Object.keys(table).map((name) => `optimizers.${name}`),
    ...Object.keys(launcherSchemas),
  ];
  const top = rows.filter(({ key }) => !key.includes('.'));
  const parts = [introduction, '## The experiment', markdownTable(top, '')];
  for (const section of sections) {
    const summary = table[section.replace('optimizers.', '')]?.summary ?? launcherSummaries[section];
    parts.push(`## \`${section}\``);
    if (summary !== undefined) parts.push(`${summary}.`);
    const below = rowsBelow(rows, section).filter(({ key }) => key !== section);
    parts.push(markdownTable(below, `${section}.`));
  }
  return parts.join('\n\n') + '\n';
}

const launcherSummaries: Readonly<Record<string, string>> = {
  slurm: 'For `run --launcher slurm`, see [clusters.md](clusters.md); not a part of what is trained',
  kubernetes: 'For `run --launcher kubernetes`, see [clusters.md](clusters.md); not a part of what is trained',
};

const introduction = `# Configuration

<!-- Generated from the schemas by \`npm run docs:config\`; change those, not this file. -->

An experiment is a YAML file, checked before anything runs: \`soap-bench validate FILE\`. Several files merge from left to
right. \`key=value\` words on the command line come last: \`train.steps=20\`, \`optimizers.soap.lr=1e-3\`; \`~key\` removes a
key: \`~optimizers.shampoo\`.

- \`model: 360m\` and \`data: sotu\` take a preset of \`configs/\`; \`model: { preset: 360m, scale: 1/8 }\` changes it.
- A label in \`optimizers\` names an optimizer, whose preset it takes. Any other label says which one it means with
  \`optimizer\` or \`preset\`: \`soap-slow: { optimizer: soap, precondition_frequency: 50 }\`.
- Almost any value may be a list, here and on the command line (\`optimizers.soap.lr=1e-3,3e-3\`, \`seeds=0,1,2\`): every
  one is trained. \`sweep\` holds grids, paired lists and random values, \`budgets\` lengths of training:
  [sweeps.md](sweeps.md). \`tune\` in an optimizer chooses its options by their loss: [tuning.md](tuning.md).
- A word's value is the text as it was typed, \`#\`, \`: \` and all, unless it is a number, true, false or null,
  \`[a, b]\` or \`{key: value}\`. Quotes make text of anything: \`'data.corpus="a,b.txt"'\`. A word that names a file is
  one, also with a \`=\` in its path. In files, \`<<: *base\` merges.
- The defaults below are those without a preset; the presets in \`configs/optimizer/\` hold the SOAP paper's values.`;

const chooserRows: Readonly<Record<string, readonly ReferenceRow[]>> = {
  model: [chooserRow('model.preset', presetKey), chooserRow('model.scale', scaleKey)],
  data: [chooserRow('data.preset', presetKey)],
};

function chooserRow(key: string, schema: z.ZodType): ReferenceRow {
  return rowOf(schemaNode(schema), key, false);
}

function rowsOf(node: SchemaNode, prefix: string): ReferenceRow[] {
  const own = chooserRows[prefix.replace(/\.$/, '')] ?? [];
  const required = node.required ?? [];
  const below = Object.entries(node.properties ?? {}).flatMap(([name, property]) => {
    const child = property as SchemaNode;
    const key = prefix + name;
    const row = rowOf(child, key, required.includes(name));
    return name === 'optimizers'
      ? [row, ...optimizerRows(child)]
      : [row, ...rowsOf(child, `${key}.`), ...variantRows(child, key)];
  });
  return [...own, ...below];
}

/** A tagged union: one row a key, saying for which tags it counts. */
function variantRows(node: SchemaNode, key: string): ReferenceRow[] {
  const rows = new Map<string, ReferenceRow>();
  const variants = (node.oneOf ?? []) as SchemaNode[];
  const names = variants.map((variant) => String((variant.properties?.name as SchemaNode).const));
  for (const [index, variant] of variants.entries()) {
    for (const row of rowsOf(variant, `${key}.`)) {
      const earlier = rows.get(row.key);
      if (row.key.endsWith('.name')) {
        const meaning = `${earlier === undefined ? '' : `${earlier.meaning} `}${names[index] ?? ''}: ${lowerFirst(row.meaning)}`;
        rows.set(row.key, { ...row, allowed: `one of ${names.join(', ')}`, meaning });
      } else if (earlier === undefined) {
        rows.set(row.key, { ...row, fallback: row.fallback && `${row.fallback} (${names[index] ?? ''})` });
      } else if (row.fallback !== undefined) {
        rows.set(row.key, {
          ...earlier,
          fallback: `${earlier.fallback ?? ''}, ${row.fallback} (${names[index] ?? ''})`,
        });
      }
    }
  }
  return [...rows.values()].map((row) => ({ ...row, fallback: shortFallback(row.fallback) }));
}

function shortFallback(fallback: string | undefined): string | undefined {
  const values = new Set(fallback?.split(', ').map((part) => part.split(' (')[0]));
  return values.size === 1 ? [...values][0] : fallback;
}

function optimizerRows(node: SchemaNode): ReferenceRow[] {
  const union = node.additionalProperties as SchemaNode;
  return ((union.oneOf ?? [union]) as SchemaNode[]).flatMap((variant) => {
    const { optimizer, ...options } = variant.properties ?? {};
    const prefix = `optimizers.${String((optimizer as SchemaNode).const)}.`;
    return rowsOf({ ...variant, properties: options }, prefix);
  });
}

function rowOf(node: SchemaNode, key: string, required: boolean): ReferenceRow {
  const hasDefault =
    node.default !== undefined &&
    !(typeof node.default === 'object' && !Array.isArray(node.default) && node.default !== null);
  return {
    key,
    allowed: node.oneOf === undefined && node.type !== 'object' ? expectedText(node) : 'a mapping',
    fallback: hasDefault ? JSON.stringify(node.default).replaceAll('"', '').replaceAll(',', ', ') : undefined,
    required,
    meaning: node.description ?? '',
    ...(node.source !== undefined && { source: node.source }),
  };
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

function markdownTable(rows: readonly ReferenceRow[], prefix: string): string {
  const header = ['Key', 'Allowed', 'Default', 'Meaning'];
  const cells = rows.map((row) => [
    `\`${row.key.slice(prefix.length)}\``,
    row.allowed,
    row.required ? '**required**' : row.fallback === undefined ? '' : `\`${row.fallback}\``,
    row.meaning,
  ]);
  return markdownRows(header, cells);
}

/** A Markdown table with columns of equal width. */
export function markdownRows(header: readonly string[], cells: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n');
}
