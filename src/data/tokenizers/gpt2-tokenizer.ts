import { Tiktoken } from 'js-tiktoken/lite';
import gpt2 from 'js-tiktoken/ranks/gpt2';
import { decodeTokens } from './token-text.js';
import { endOfTextMark, type Encoder, type Tokenizer } from './tokenizer.js';

/**
 * The longest piece without a word boundary. Longer ones are split, because the library takes quadratic time and a line of
 * base64 would take hours. No word of a natural language is that long.
 */
const longestPiece = 256;

/** The size limit of the word cache. Prose has some hundred thousand different words. */
const mostCachedPieces = 1_000_000;

/**
 * GPT-2's byte-pair encoding with all or the first merges. A vocabulary of N tokens keeps the first N - 1 ranks and adds the
 * end-of-text token. Merges are ordered by frequency, so the first ones are a valid encoding by themselves.
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
  const cache = new Map<string, number[]>();

  // The library encodes a piece the same alone and inside a text, so each distinct word is encoded once.
  const encodePiece = (piece: string): number[] => {
    const known = cache.get(piece);
    if (known !== undefined) return known;
    const tokens = chunks(piece).flatMap((chunk) => library.encode(chunk, [], []));
    if (cache.size < mostCachedPieces) cache.set(copyOf(piece), tokens);
    return tokens;
  };

  const encodeAll = (pieces: Iterable<string>): number[] => {
    const tokens: number[] = [];
    for (const piece of pieces) for (const token of encodePiece(piece)) tokens.push(token);
    return tokens;
  };
  const encoder = (): Encoder => {
    const cutter = new PieceCutter();
    return { push: (text) => encodeAll(cutter.push(text)), finish: () => encodeAll(cutter.finish()) };
  };

  return {
    name: 'gpt2',
    vocabSize,
    endOfText,
    encoder,
    encode: (text) => encodeAll(piecesOf(text)),
    decode: (tokens) => decodeTokens(tokens, endOfText, (token) => bytes[token]),
  };
}

/** Splits a text that arrives in parts into the same pieces as the whole text. */
class PieceCutter {
  /** The start of a piece whose end is not known yet. */
  #held = '';

  push(text: string): string[] {
    const whole = this.#held + text;
    const pieces: string[] = [];
    let end = 0;
    for (const match of whole.matchAll(pattern)) {
      // A contraction such as 're needs two letters after its apostrophe; other pieces need the next character.
      if (match.index + match[0].length >= whole.length || match.index + 3 > whole.length) break;
      pieces.push(match[0]);
      end = match.index + match[0].length;
    }
    this.#held = whole.slice(end);
    if (this.#held.length > 64 * longestPiece) this.#cutHeld(pieces);
    return pieces;
  }

  finish(): string[] {
    const pieces = piecesOf(this.#held);
    this.#held = '';
    return pieces;
  }

  /** Splits the start of a very long piece, as the whole piece would be split. */
  #cutHeld(pieces: string[]): void {
    const parts = chunks(this.#held);
    pieces.push(...parts.slice(0, -2));
    this.#held = parts.slice(-2).join('');
  }
}

const pattern = new RegExp(gpt2.pat_str, 'gu');

function piecesOf(text: string): string[] {
  return text.match(pattern) ?? [];
}

/** Copies a string, because a substring would keep the whole text in memory. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

function chunks(piece: string): string[] {
  if (piece.length <= longestPiece) return [piece];
  // Array.from splits by code points. A cut inside a surrogate pair would lose the character.
  const characters = Array.from(piece);
  const result: string[] = [];
  for (let i = 0; i < characters.length; i += longestPiece) {
    result.push(characters.slice(i, i + longestPiece).join(''));
  }
  return result;
}
