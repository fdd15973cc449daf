const NEWLINE = 10;

/** A line that never seems to end. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
}

/** Cuts a stream of bytes into lines. A character that two chunks share stays whole, since only whole lines are decoded. */
export class LineSplitter {
  readonly #maxBytes: number;
  #begun: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that this chunk completes, without empty ones. What it begins is kept for the next one. */
  push(bytes: Buffer): readonly string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      const line =
        this.#begun.length === 0 ? bytes.toString('utf8', start, end) : this.#complete(bytes.subarray(start, end));
      if (line.trim() !== '') lines.push(line);
      start = end + 1;
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
    return lines;
  }

  #complete(last: Buffer): string {
    this.#keep(last);
    const line = Buffer.concat(this.#begun).toString('utf8');
    this.#begun = [];
    this.#bytes = 0;
    return line;
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) throw new LineTooLong(`a line is longer than ${this.#maxBytes} bytes`);
    this.#begun.push(part);
  }
}
