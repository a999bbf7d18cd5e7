import { Tiktoken } from 'js-tiktoken/lite';
import gpt2 from 'js-tiktoken/ranks/gpt2';
import { decodeTokens } from './token-text.js';
import { endOfTextMark, type Tokenizer } from './tokenizer.js';

/**
 * Longer pieces without a word boundary are cut: the library's time grows with the square of a piece's length, and
 * one line of base64 would take hours. No word of a natural language is that long.
 */
const longestPiece = 256;

/** Bounds the memory of the word cache; prose has some hundred thousand different words. */
const mostCachedPieces = 1_000_000;

/**
 * GPT-2's byte-pair encoding, or its beginning: a vocabulary of N keeps the first N - 1 merge ranks and puts the end
 * of text last. Ranks are merged in order of frequency, so that the beginning is a valid encoding of its own.
 */
export function gpt2Tokenizer(vocabSize: number): Tokenizer {
  const endOfText = vocabSize - 1;
  // The table reads `! <id of the first token> <token in base64> <token in base64> …`.
  const [marker, firstId, ...allTokens] = gpt2.bpe_ranks.trim().split(' ');
  const kept = allTokens.slice(0, endOfText);
  const bytes = kept.map((token) => Buffer.from(token, 'base64'));
  const library = new Tiktoken({
    pat_str: gpt2.pat_str,
    special_tokens: { [endOfTextMark]: endOfText },
    bpe_ranks: [marker, firstId, ...kept].join(' '),
  });
  const pieces = new RegExp(gpt2.pat_str, 'gu');
  const cache = new Map<string, number[]>();

  // The library encodes a piece alone exactly as inside a text, so that each different word is encoded once.
  const encodePiece = (piece: string): number[] => {
    const known = cache.get(piece);
    if (known !== undefined) return known;
    const tokens = chunks(piece).flatMap((chunk) => library.encode(chunk, [], []));
    if (cache.size < mostCachedPieces) cache.set(piece, tokens);
    return tokens;
  };

  return {
    name: 'gpt2',
    vocabSize,
    endOfText,
    encode: (text) => {
      const tokens: number[] = [];
      for (const [piece] of text.matchAll(pieces)) for (const token of encodePiece(piece)) tokens.push(token);
      return tokens;
    },
    decode: (tokens) => decodeTokens(tokens, endOfText, (token) => bytes[token]),
  };
}

function chunks(piece: string): string[] {
  if (piece.length <= longestPiece) return [piece];
  // Array.from goes by code points: a cut inside a surrogate pair would lose the character.
  const characters = Array.from(piece);
  const result: string[] = [];
  for (let i = 0; i < characters.length; i += longestPiece) {
    result.push(characters.slice(i, i + longestPiece).join(''));
  }
  return result;
}
