import { oneLine } from '../visible-text.js';

/** What GitHub's Markdown takes for markup within a line, sign by sign. A name such as `soap_f10` has none. */
const markup = anyOf([
  // Code, emphasis, cells, strike-through, formulas.
  /[`*|~$]/u,
  // A backslash that would take the next sign along.
  /\\(?=[!-/:-@[-`{-~]|$)/u,
  // Emphasis: not within a word.
  /(?<![\p{L}\p{N}]_*)_|_(?!_*[\p{L}\p{N}])/u,
  // HTML and addresses in angle brackets, entities.
  /<(?=[\w/!?])/u,
  /&(?=#?\w+;)/u,
  // Links and images.
  /\](?=[([])/u,
  // Addresses that become links by themselves.
  /:(?=\/\/)/u,
  /(?<=\bwww)\./u,
  /(?<=\S)@(?=\S)/u,
]);

/** What begins a heading, a quotation, a list, a rule, or says where links lead. */
const blockMarkup = anyOf([/^[#>+=-]/u, /(?<=^\d+)[.)](?=\s|$)/u, /(?<=^\[[^\]]*)\](?=:)/u]);

/** A text that reads the same in a line or a cell of Markdown, whatever it is. */
export function markdownText(text: string): string {
  return oneLine(text).replace(markup, '\\$&');
}

/** The same where the text is a paragraph. */
export function markdownParagraph(text: string): string {
  return markdownText(text).replace(blockMarkup, '\\$&');
}

function anyOf(patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join('|'), 'giu');
}
