/** Whether the gateway serves or denies, and why, in words for an operator. */
export interface Health {
  /** Empty: calls are served. */
  problems(): readonly string[];
  /** A bug was caught. */
  bug(error: unknown): void;
}
