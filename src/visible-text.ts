/** What a terminal obeys instead of showing it: control characters, and those that turn the direction of writing or end a line. */
const obeyed = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** A text on one line in which every character can be seen: ESC becomes `\u001b`, as JSON and YAML may have it. */
export function visibleText(text: string): string {
  return text.replace(obeyed, escaped);
}

/** The same for a place that knows no lines: a line break is a space there. */
export function oneLine(text: string): string {
  return visibleText(text.replaceAll(/\s+/g, ' ').trim());
}

/** The same with line breaks and tabs. */
export function visibleLines(text: string): string {
  return text.replace(obeyed, (sign) => (sign === '\n' || sign === '\t' ? sign : escaped(sign)));
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
