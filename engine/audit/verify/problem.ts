/** What can be wrong with a log, and where. */

export type ProblemKind =
  | "edited"
  | "form"
  | "removed"
  | "reordered"
  | "spliced"
  | "truncated"
  | "checkpoint"
  | "archive"
  | "torn";

export interface Place {
  /** The segment's number. */
  readonly segment: number;
  /** From 1. */
  readonly line: number;
  /** Byte of the line's beginning. */
  readonly offset: number;
}

export interface Problem extends Place {
  readonly kind: ProblemKind;
  /** The number of the record that it is about; null when that cannot be told. */
  readonly seq: number | null;
  readonly says: string;
}

export type Report = (problem: Problem) => void;
