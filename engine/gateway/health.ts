/** Whether the gateway serves or denies, and why, in words for an operator. */
export interface Health {
  /** Empty: calls are served. */
  problems(): readonly string[];
  /** What does not stop calls and should not be forgotten. */
  notes(): readonly string[];
  /** A bug was caught. */
  bug(error: unknown): void;
}
