/** The exchanges that are open, so that a revocation, a session's end or a stop reaches them too. */
import type { ActivePolicy } from "./policy-source.ts";
import type { Session } from "./session.ts";
import type { Proof } from "./standing.ts";

/** Why an exchange ends before its end. */
export type EndedBy = "revoked_stream" | "over" | "stopping";

export interface OpenExchange {
  readonly proof: Proof;
  readonly grant: string;
  readonly server: string;
  /** It has no end of its own, so nobody waits for one. */
  readonly endless: boolean;
  /** That judged it. */
  readonly policy: ActivePolicy;
  readonly session: Session | undefined;
  /** Ends it: the client's answer and the server's work alike. */
  stop(why: EndedBy): void;
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

  /** Ends every exchange that may not go on. */
  sweep(endedBy: (exchange: OpenExchange) => EndedBy | undefined): void {
    for (const exchange of this.#open) {
      const why = endedBy(exchange);
      if (why !== undefined) exchange.stop(why);
    }
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
