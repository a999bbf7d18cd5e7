import { randomBytes } from 'node:crypto';
import pc from 'picocolors';
import { visibleLines } from './visible-text.js';

const styles = ['bold', 'dim', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan'] as const;

/** Functions that style a text, which then is for {@link terminalText}. */
export type Colors = Readonly<Record<(typeof styles)[number], (text: string) => string>>;

/** ESC of our own styles until they reach the terminal. No name and no file has it, so that an ESC of theirs stays theirs. */
const ownEscape = `\u{fdd0}${randomBytes(8).toString('hex')}`;

/** Styles that do something, or leave every text as it is. */
export function createColors(enabled: boolean): Colors {
  const colors = pc.createColors(enabled);
  const marked = (style: (text: string) => string) => (text: string) =>
    style(terminalText(text)).replaceAll('\u001b', ownEscape);
  return Object.fromEntries(styles.map((name) => [name, marked(colors[name])])) as Record<keyof Colors, Colors['bold']>;
}

/** A text as it may reach a terminal: of all that terminals obey it has our own styles alone, the rest can be read. */
export function terminalText(text: string): string {
  return visibleLines(text).replaceAll(ownEscape, '\u001b');
}

/** Whether lines on a stream can be drawn over: bars are for a terminal that knows how, and for people who look at it. */
export function canRedraw(stream: { isTTY?: boolean }, env = process.env): boolean {
  const isCi = env.CI !== undefined && env.CI !== '' && env.CI !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb' && !isCi;
}
