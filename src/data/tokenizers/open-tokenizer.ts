import { vocabSizeOf, type Tokenizer, type TokenizerName } from './tokenizer.js';

/** Opens a tokenizer. GPT-2's merge table is only loaded if needed. */
export async function openTokenizer(name: TokenizerName, vocabSize: number | undefined): Promise<Tokenizer> {
  const size = vocabSizeOf(name, vocabSize);
  if (name === 'byte') {
    const { byteTokenizer } = await import('./byte-tokenizer.js');
    return byteTokenizer();
  }
  const { gpt2Tokenizer } = await import('./gpt2-tokenizer.js');
  return gpt2Tokenizer(size);
}
