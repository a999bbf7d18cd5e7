import { SoapBenchError, exitCodes } from '../../errors.js';

export const tokenizerNames = ['byte', 'gpt2'] as const;
export type TokenizerName = (typeof tokenizerNames)[number];

/** The mark for the end of a document in text. */
export const endOfTextMark = '<|endoftext|>';

export type TokenList = number[] | Uint8Array;

/** Encodes a text that arrives in pieces to the same ids as the whole text. Pieces must end between characters. */
export interface Encoder {
  /** Adds a piece and returns the ids that are final. */
  push(piece: string): TokenList;
  /** Ends the text and returns the remaining ids. The next piece starts another text. */
  finish(): TokenList;
}

/** Converts text to token ids and back. Every text can be encoded, and decoding returns it unchanged. */
export interface Tokenizer {
  readonly name: TokenizerName;
  readonly vocabSize: number;
  /** Id of the end-of-text token, always the last one of the vocabulary. */
  readonly endOfText: number;
  encoder(): Encoder;
  /** Encodes a whole text. A mark `<|endoftext|>` inside it is ordinary text and never becomes the special token. */
  encode(text: string): number[];
  /** Decodes ids. The end-of-text token becomes `<|endoftext|>`, an incomplete character U+FFFD. */
  decode(tokens: Iterable<number>): string;
}

/** The smallest vocabulary that can encode every text: 256 single bytes and the end of text. */
const smallestVocabulary = 257;
const largestGpt2Vocabulary = 50257;

/**
 * The vocabulary size of a configuration. It loads no tokenizer, so that planning can use it.
 * @throws {SoapBenchError} `vocab_size_invalid` if the tokenizer has no vocabulary of that size.
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
