/** What every step of carrying a rule needs, and what it makes. */
import type { Entry, Limit } from "../../schema/types.ts";
import type { Pointer } from "../../source.ts";
import type { Notes } from "../draft.ts";
import type { Source } from "../source.ts";
import type { Budget } from "./conditions.ts";
import type { Scope } from "./limits.ts";

export interface Where {
  readonly scope: Scope;
  readonly at: Pointer;
  readonly source: Source;
  readonly notes: Notes;
  readonly budget: Budget;
}

export interface CarriedRule {
  readonly closed: boolean;
  readonly entries: readonly Entry[];
  readonly limit?: Limit;
  /** What the agent reads when the limit denies. */
  readonly message?: string;
}
