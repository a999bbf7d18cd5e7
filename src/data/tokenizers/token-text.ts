import { endOfTextMark } from './tokenizer.js';

/**
 * Decodes token ids to text, given the bytes of each id.
 * @param bytesOf Returns the bytes of an ordinary token, or undefined if there is no such token.
 * @throws {RangeError} for an id outside the vocabulary: the tokens were made with another tokenizer.
 */
export function decodeTokens(
  tokens: Iterable<number>,
  endOfText: number,
  bytesOf: (token: number) => Uint8Array | undefined,
): string {
  const mark = Buffer.from(endOfTextMark);
  const parts: Uint8Array[] = [];
  for (const token of tokens) {
    const bytes = token === endOfText ? mark : bytesOf(token);
    if (bytes === undefined) throw new RangeError(`token ${token} is not in the vocabulary of ${endOfText + 1} tokens`);
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}
