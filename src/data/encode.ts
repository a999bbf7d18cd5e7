import { readParts, Trimmer } from './documents.js';
import type { ManifestSide } from './manifest.js';
import { ShardWriter } from './shards.js';
import type { Side, Split } from './split.js';
import type { Survey } from './survey.js';
import type { Encoder, Tokenizer } from './tokenizers/tokenizer.js';

/** Receives the number of encoded characters and their total. Called often. */
export type PrepareProgress = (done: number, total: number) => void;

/**
 * Writes the tokens of training and validation into a folder, with an end-of-text token after every document. Reads the text
 * once.
 */
export async function encodeSides(
  { files }: Survey,
  { isVal, cut }: Split,
  tokenizer: Tokenizer,
  folder: string,
  onProgress?: PrepareProgress,
): Promise<Record<Side, ManifestSide>> {
  const total = files.reduce((sum, { lengths }) => sum + lengths.reduce((a, b) => a + b, 0), 0);
  const sides = { train: new SideWriter(folder, 'train', tokenizer), val: new SideWriter(folder, 'val', tokenizer) };
  let done = 0;
  for (const [f, file] of files.entries()) {
    let open: { document: number; side: Side } | undefined;
    let at = 0;
    for await (const parts of readParts(file.path)) {
      for (const { document, text } of parts) {
        const isCut = cut?.file === f && cut.document === document;
        if (open?.document !== document) {
          if (open !== undefined) await sides[open.side].endDocument();
          open = { document, side: isVal[f]![document] === true && !isCut ? 'val' : 'train' };
          at = 0;
        }
        if (isCut && at < cut.at && at + text.length > cut.at) {
          await sides.train.write(text.slice(0, cut.at - at));
          await sides.train.endDocument();
          open.side = 'val';
          await sides.val.write(text.slice(cut.at - at));
        } else {
          if (isCut && at === cut.at) {
            await sides.train.endDocument();
            open.side = 'val';
          }
          await sides[open.side].write(text);
        }
        at += text.length;
        done += text.length;
        onProgress?.(done, total);
      }
    }
    if (open !== undefined) await sides[open.side].endDocument();
  }
  return { train: await sides.train.finish(), val: await sides.val.finish() };
}

/** Encodes the documents of one side and counts them. */
class SideWriter {
  readonly #shards: ShardWriter;
  #encoder: Encoder;
  #trimmer = new Trimmer();
  #documents = 0;
  #tokens = 0;
  #textBytes = 0;

  constructor(
    folder: string,
    side: Side,
    private readonly tokenizer: Tokenizer,
  ) {
    this.#shards = new ShardWriter(folder, side);
    this.#encoder = tokenizer.encoder();
  }

  async write(part: string): Promise<void> {
    // Parts are already clean, except for the halves of a split document.
    const text = this.#trimmer.push(part);
    this.#textBytes += Buffer.byteLength(text);
    await this.#append(this.#encoder.push(text));
  }

  async endDocument(): Promise<void> {
    await this.#append(this.#encoder.finish());
    await this.#append([this.tokenizer.endOfText]);
    this.#documents += 1;
    this.#trimmer = new Trimmer();
  }

  async finish(): Promise<ManifestSide> {
    const files = await this.#shards.finish();
    return { documents: this.#documents, tokens: this.#tokens, text_bytes: this.#textBytes, files };
  }

  async #append(tokens: number[] | Uint8Array): Promise<void> {
    this.#tokens += tokens.length;
    await this.#shards.append(tokens);
  }
}
