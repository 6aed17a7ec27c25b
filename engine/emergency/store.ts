/** The openings that an engine keeps: who reads them, and who changes them. */
import type { Opening } from "./opening.ts";

/** What a change leaves behind, and its answer. */
export interface OpeningPlan<Result> {
  readonly openings: readonly Opening[];
  readonly result: Result;
}

export interface EmergencyStore {
  /** Why nothing is open and nothing can be opened; undefined while all is well. */
  readonly problem: string | undefined;
  /** Looks whether another process changed the openings, and takes the change over. True when it did. */
  refresh(): boolean;
  /** Those that are not closed: what calls are judged by. Empty while there is a problem. */
  live(): readonly Opening[];
  /** Every opening that is kept, oldest first. Throws when the store cannot be read. */
  list(): readonly Opening[];
  /**
   * Changes the openings, one change at a time across processes and nodes; what `live` says from
   * then on is on disk. Rejects, with the openings as they were or as planned, when the disk refuses.
   */
  change<Result>(plan: (openings: readonly Opening[]) => OpeningPlan<Result>): Promise<Result>;
}
