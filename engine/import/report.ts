/** What an import made of a file: policies, and every line that means something else now. */
import type { Place } from "../source.ts";

/**
 * What became of a line that was not carried as it stands.
 *
 *     narrower   carried; some calls that it allowed are denied now
 *     denied     not carried: what it was about is denied
 *     refused    wrong by the source's own rules; denied as well
 *     ignored    of no effect on what is allowed, in the source neither
 *     reworded   what is allowed is the same; what the agent reads or sees is not
 */
export type Outcome = "narrower" | "denied" | "refused" | "ignored" | "reworded";

export interface Item {
  readonly outcome: Outcome;
  /** The tool that it is about; absent: the whole file. */
  readonly tool?: string;
  readonly message: string;
  readonly help: string;
  readonly place: Place;
}

/** What became of one tool: `exact` is the same verdict for every call whose numbers a double holds. */
export type Fate = "exact" | "narrower" | "denied";

export interface ImportedPolicy {
  readonly name: string;
  /** The files to write, by path: the policy and its tests. */
  readonly files: Readonly<Record<string, string>>;
  readonly tools: readonly { readonly name: string; readonly fate: Fate }[];
}

export interface Imported {
  readonly source: string;
  readonly format: "intercept" | "allow-list";
  readonly policies: readonly ImportedPolicy[];
  readonly items: readonly Item[];
}

/** Whether something that the source allowed is denied because it could not be carried. */
export function lost({ items }: Imported): boolean {
  return items.some(({ outcome }) => outcome === "denied" || outcome === "refused");
}
