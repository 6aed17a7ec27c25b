/** The exchanges that are open, so that a revocation, a session's end or a stop reaches them too. */
export interface OpenExchange {
  readonly tokenHash: string;
  readonly grant: string;
  readonly server: string;
  /** It has no end of its own, so nobody waits for one. */
  readonly endless: boolean;
  /** Ends it: the client's answer and the server's work alike. */
  stop(why: "revoked_stream" | "stopping"): void;
}

export class Streams {
  readonly #open = new Set<OpenExchange>();
  readonly #waiting: (() => void)[] = [];

  get size(): number {
    return this.#open.size;
  }

  /** Returns what to call at its end. */
  add(exchange: OpenExchange): () => void {
    this.#open.add(exchange);
    return () => {
      this.#open.delete(exchange);
      if (this.#open.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    };
  }

  /** Ends every exchange whose token is no longer good. */
  sweep(isValid: (exchange: OpenExchange) => boolean): void {
    for (const exchange of this.#open) if (!isValid(exchange)) exchange.stop("revoked_stream");
  }

  /** Waits until nothing is open, at most so long; then ends what still is. */
  async drain(milliseconds: number): Promise<void> {
    for (const exchange of this.#open) if (exchange.endless) exchange.stop("stopping");
    if (this.#open.size > 0) {
      await Promise.race([
        new Promise<void>((resolve) => this.#waiting.push(resolve)),
        new Promise<void>((resolve) => setTimeout(resolve, milliseconds).unref()),
      ]);
    }
    for (const exchange of this.#open) exchange.stop("stopping");
  }
}
