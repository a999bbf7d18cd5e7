import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { optimizerNames, optimizers, type OptimizerName } from '../optim/registry.js';
import { presetFile, presetNames } from './presets.js';
import { markdownRows, referenceRows, rowsBelow } from './reference.js';

/** An option of an optimizer, from the schema that checks it. */
export interface OptionRow {
  readonly option: string;
  readonly allowed: string;
  /** As YAML. */
  readonly fallback: string;
  readonly meaning: string;
  /** Where it comes from, when not from where its optimizer does. */
  readonly source: string | undefined;
}

export function optionRows(name: OptimizerName): OptionRow[] {
  const prefix = `optimizers.${name}`;
  return rowsBelow(referenceRows({ [name]: optimizers[name] }), prefix).map(
    ({ key, allowed, fallback, meaning, source }) => ({
      option: key.slice(prefix.length + 1),
      allowed,
      // An option without a default would have to be given in every configuration.
      fallback: fallback ?? 'none',
      meaning,
      source,
    }),
  );
}

/** docs/optimizers.md. */
export function optimizersMarkdown(): string {
  const list = optimizerNames.map((name) => [`[\`${name}\`](#${name})`, optimizers[name].summary]);
  return (
    [
      introduction,
      markdownRows(['Optimizer', 'What it does'], list),
      ...optimizerNames.flatMap((name) => sectionOf(name)),
      notHere,
    ].join('\n\n') + '\n'
  );
}

function sectionOf(name: OptimizerName): string[] {
  const { summary, source } = optimizers[name];
  const presets = presetsOf(name).map(([preset, meaning]) => `- \`${preset}\`: ${meaning}.`);
  const options = optionRows(name).map((row) => [
    `\`${row.option}\``,
    row.allowed,
    `\`${row.fallback}\``,
    row.meaning,
    row.source ?? '',
  ]);
  return [
    `## \`${name}\``,
    `${summary}.`,
    `Source: ${source}.`,
    `Presets:\n\n${presets.join('\n')}`,
    markdownRows(['Option', 'Allowed', 'Default', 'Meaning', 'Source'], options),
  ];
}

/** The presets of an optimizer, each with the first sentence of its file. */
function presetsOf(optimizer: OptimizerName): [preset: string, meaning: string][] {
  return presetNames('optimizer').flatMap((preset) => {
    const text = readFileSync(presetFile('optimizer', preset), 'utf8');
    if ((parse(text) as { optimizer?: unknown }).optimizer !== optimizer) return [];
    const comment = /^(?:#.*\n)*/.exec(text)?.[0] ?? '';
    const paragraph = comment.replaceAll(/^# ?/gm, '').replaceAll('\n', ' ');
    return [[preset, paragraph.split(/[.:;] /)[0]!.trim()]];
  });
}

const introduction = `# Optimizers

<!-- Generated from the schemas by \`npm run docs:optimizers\`; change those, not this file. -->

\`soap-bench optimizers list\` names them, \`optimizers explain NAME\` shows what one does with every tensor of a model, and
\`optimizers cost\` what that takes. Every one solves the problems of [test/conformance](../test/conformance) on every engine;
\`soap-bench verify\` replays the trajectories of the reference implementations.

Under \`Source\` stands what an optimizer follows: papers, and the code or the formulas it is tested against. An option is from
there too unless its last column says otherwise. The defaults are those without a preset. How an optimizer departs from its
source is said at the top of its file in [src/optim](../src/optim).`;

const notHere = `## Not here

**Sophia-G** (arXiv:2305.14342). Its Hessian estimate, Gauss–Newton–Bartlett, is the square of a second gradient, that of the
loss with labels drawn from the model's own predictions. An optimizer here is a function of weight, gradient and state; it
knows neither the model nor the batch, and nothing in a compiled step is random. The estimate would need a second backward pass
over the batch at some steps, with labels drawn on the host, that no other optimizer has.`;
