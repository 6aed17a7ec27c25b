/** The bars that an engine keeps: who reads them, and who changes them. */
import type { Bar, BarPlan } from "./bar.ts";

export interface BarStore {
  /** Why no identity of an issuer gets in; undefined while all is well. */
  readonly problem: string | undefined;
  /** Looks whether another process changed the bars, and takes the change over. True when it did. */
  refresh(): boolean;
  /** The bar of a grant, lifted or not; there is at most one. Asked for every message. */
  of(grant: string): Bar | undefined;
  /** Every bar that is kept. Throws when the store cannot be read. */
  list(): readonly Bar[];
  /**
   * Changes the bars, one change at a time across processes and nodes. The events are on disk before
   * the bars. Rejects, with the bars as they were or as planned, when the disk refuses.
   */
  change<Result>(plan: (bars: readonly Bar[]) => BarPlan<Result>): Promise<Result>;
}
