/** Bytes → lines of strict UTF-8, as MCP's stdio transport frames messages. */
export class Lines {
  #parts: Buffer[] = [];
  #bytes = 0;
  readonly #maxBytes: number;
  readonly #onLine: (line: string | undefined) => void;
  readonly #onTooLong: () => void;

  /** `onLine` gets undefined for a line that is not UTF-8; after `onTooLong` nothing more is to be fed. */
  constructor(maxBytes: number, onLine: (line: string | undefined) => void, onTooLong: () => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  feed(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, from)) {
      this.#add(chunk.subarray(from, end));
      this.#flush();
      from = end + 1;
    }
    if (from < chunk.length) this.#add(chunk.subarray(from));
  }

  #add(part: Buffer): void {
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) this.#onTooLong();
  }

  #flush(): void {
    const tooLong = this.#bytes > this.#maxBytes;
    const line = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    if (tooLong || line.length === 0 || (line.length === 1 && line[0] === 0x0d)) return;
    let text: string | undefined;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    } catch {
      text = undefined;
    }
    this.#onLine(text);
  }
}
