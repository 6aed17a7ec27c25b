/** Values that are pushed at one end and read at the other, with a sign for the pusher to wait. */

const HIGH = 64;
const LOW = 16;

export class Queue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #ended = false;
  #wake: (() => void) | undefined;
  #full = false;
  /** Called with true when the reader is far behind, with false when it has caught up. */
  readonly #pressure: (full: boolean) => void;

  constructor(pressure: (full: boolean) => void = () => {}) {
    this.#pressure = pressure;
  }

  get ended(): boolean {
    return this.#ended;
  }

  push(item: T): void {
    if (this.#ended) return;
    this.#items.push(item);
    if (!this.#full && this.#items.length >= HIGH) this.#setFull(true);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        const item = this.#items.shift();
        if (item !== undefined) {
          if (this.#full && this.#items.length <= LOW) this.#setFull(false);
          yield item;
        } else if (this.#ended) return;
        else await new Promise<void>((wake) => (this.#wake = wake));
      }
    } finally {
      this.#ended = true;
    }
  }

  #setFull(full: boolean): void {
    this.#full = full;
    this.#pressure(full);
  }
}
