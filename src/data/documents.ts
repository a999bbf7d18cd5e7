import { readPieces } from './text.js';
import { endOfTextMark } from './tokenizers/tokenizer.js';

/** A piece of a document's text. */
export interface Part {
  /** The document's index in its file, from 0, without counting empty documents. */
  readonly document: number;
  /** Text of the part, never empty. All parts of a document together are its cleaned text. */
  readonly text: string;
}

/**
 * Reads the documents of a file, separated by `<|endoftext|>` marks. A file without marks is one document. Blank lines do not
 * separate documents, because they separate paragraphs in ordinary prose.
 * @param empty Called for every document without text. An empty end after the last mark is not a document.
 */
export async function* readParts(path: string, empty: () => void = () => undefined): AsyncGenerator<Part[]> {
  const cutter = new DocumentCutter(empty);
  for await (const piece of readPieces(path)) yield cutter.push(piece);
  yield cutter.finish();
}

/** Splits text into cleaned documents. The text may arrive in arbitrary pieces. */
export class DocumentCutter {
  #held = '';
  #document = 0;
  #isEmpty = true;
  #marks = 0;
  #trimmer = new Trimmer();

  constructor(private readonly empty: () => void) {}

  push(piece: string): Part[] {
    const text = this.#held + piece;
    const end = text.length - undecided(text);
    this.#held = text.slice(end);
    return this.#take(text.slice(0, end));
  }

  finish(): Part[] {
    const parts = this.#take(this.#held);
    if (this.#isEmpty && this.#marks === 0) this.empty();
    return parts;
  }

  #take(text: string): Part[] {
    const parts: Part[] = [];
    for (const [i, section] of text.replaceAll('\r\n', '\n').split(endOfTextMark).entries()) {
      if (i > 0) this.#endDocument();
      const trimmed = this.#trimmer.push(section);
      if (trimmed === '') continue;
      this.#isEmpty = false;
      parts.push({ document: this.#document, text: trimmed });
    }
    return parts;
  }

  #endDocument(): void {
    this.#marks += 1;
    if (this.#isEmpty) this.empty();
    else this.#document += 1;
    this.#isEmpty = true;
    this.#trimmer = new Trimmer();
  }
}

/** The number of characters at the end that may start a mark or a line end. */
function undecided(text: string): number {
  for (let length = endOfTextMark.length - 1; length > 0; length--) {
    if (text.endsWith(endOfTextMark.slice(0, length))) return length;
  }
  return text.endsWith('\r') ? 1 : 0;
}

/** Trims white space, including a byte-order mark, at both ends of a text that arrives in pieces. */
export class Trimmer {
  #begun = false;
  #held = '';

  push(text: string): string {
    const begun = this.#begun ? text : text.trimStart();
    const solid = begun.trimEnd();
    if (solid === '') {
      if (this.#begun) this.#held += begun;
      return '';
    }
    this.#begun = true;
    const whole = this.#held + solid;
    this.#held = begun.slice(solid.length);
    return whole;
  }
}
