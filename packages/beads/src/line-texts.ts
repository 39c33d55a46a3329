/** Where a line is kept. */
export interface TextSpan {
  readonly chunk: number;
  readonly start: number;
  readonly end: number;
}

const chunkBytes = 1 << 20;

/**
 * Keeps the text of lines as bytes, outside of the heap: a line costs what it costs in the file. Nothing is ever taken out; who
 * reads a file anew begins with new texts.
 */
export class LineTexts {
  readonly #chunks: Buffer[] = [];
  #used = chunkBytes;

  add(text: string): TextSpan {
    // No character takes more than three bytes of UTF-8 for each unit of the string.
    const most = text.length * 3;
    if (this.#used + most > (this.#chunks.at(-1)?.length ?? 0)) {
      this.#chunks.push(Buffer.allocUnsafeSlow(Math.max(chunkBytes, most)));
      this.#used = 0;
    }
    const chunk = this.#chunks.length - 1;
    const start = this.#used;
    this.#used += (this.#chunks[chunk] as Buffer).write(text, start);
    return { chunk, start, end: this.#used };
  }

  get({ chunk, start, end }: TextSpan): string {
    return (this.#chunks[chunk] as Buffer).toString("utf8", start, end);
  }
}
