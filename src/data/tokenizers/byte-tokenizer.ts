import { decodeTokens } from './token-text.js';
import type { Tokenizer } from './tokenizer.js';

/** UTF-8 bytes as tokens 0 to 255, and 256 for the end of text. */
export function byteTokenizer(): Tokenizer {
  const endOfText = 256;
  return {
    name: 'byte',
    vocabSize: 257,
    endOfText,
    encoder: () => ({ push: (piece) => Buffer.from(piece), finish: () => [] }),
    encode: (text) => Array.from(Buffer.from(text)),
    decode: (tokens) =>
      decodeTokens(tokens, endOfText, (token) => (token >= 0 && token < 256 ? Uint8Array.of(token) : undefined)),
  };
}
