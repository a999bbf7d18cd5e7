import { SoapBenchError, exitCodes } from '../../errors.js';

export const tokenizerNames = ['byte', 'gpt2'] as const;
export type TokenizerName = (typeof tokenizerNames)[number];

/** How the end of a document is written in text. */
export const endOfTextMark = '<|endoftext|>';

export type TokenList = number[] | Uint8Array;

/** Encodes a text that comes in pieces, none of which ends inside a character: the ids are those of the whole text. */
export interface Encoder {
  /** The ids that are certain by now. */
  push(piece: string): TokenList;
  /** The ids that are left at the end of the text; the next piece begins another one. */
  finish(): TokenList;
}

/** Text to token ids and back; every text can be encoded, and decoding gives it back unchanged. */
export interface Tokenizer {
  readonly name: TokenizerName;
  readonly vocabSize: number;
  /** Id of the token that follows every document; always the last one of the vocabulary. */
  readonly endOfText: number;
  encoder(): Encoder;
  /** Ids of a whole text. The mark `<|endoftext|>` inside it is ordinary text and never becomes the special token. */
  encode(text: string): number[];
  /** Text of ids; the end-of-text token shows as `<|endoftext|>`, half a character as U+FFFD. */
  decode(tokens: Iterable<number>): string;
}

/** 256 single bytes and the end of text: below that, BPE could not write every text. */
const smallestVocabulary = 257;
const largestGpt2Vocabulary = 50257;

/**
 * The size of the vocabulary that a configuration asks for; loads nothing, so that planning can use it.
 * @throws {SoapBenchError} `vocab_size_invalid` when the tokenizer has no vocabulary of that size.
 */
export function vocabSizeOf(tokenizer: TokenizerName, vocabSize: number | undefined): number {
  const largest = tokenizer === 'byte' ? smallestVocabulary : largestGpt2Vocabulary;
  const size = vocabSize ?? largest;
  if (Number.isInteger(size) && size >= smallestVocabulary && size <= largest) return size;
  const allowed =
    tokenizer === 'byte'
      ? 'the byte tokenizer has exactly 257 (256 bytes and the end of text)'
      : `gpt2 allows whole numbers from ${smallestVocabulary} to ${largestGpt2Vocabulary}`;
  throw new SoapBenchError('vocab_size_invalid', `vocab_size is ${size}, but ${allowed}.`, {
    exitCode: exitCodes.usage,
    hint:
      tokenizer === 'byte' ? 'Leave vocab_size out, or use tokenizer gpt2.' : 'Leave vocab_size out for all of GPT-2.',
  });
}
