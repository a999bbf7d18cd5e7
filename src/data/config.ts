import type { TokenizerName } from './tokenizer.js';

/** What the `data:` part of a configuration says. */
export interface DataConfig {
  /** `sotu`, `moby-dick`, or the path of a .txt file or of a folder with .txt files. */
  corpus: string;
  tokenizer: TokenizerName;
  /** Size of the vocabulary; undefined takes the tokenizer's full one. */
  vocab_size?: number | undefined;
  /** Share of the documents that are kept for validation, between 0 and 1. */
  val_fraction: number;
  /** False walks through the text in order. */
  shuffle: boolean;
}
