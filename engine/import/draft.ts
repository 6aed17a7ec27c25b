/** What an importer makes of a file, before it is written. */
import type { PolicyFile } from "../schema/types.ts";
import type { Place } from "../source.ts";
import type { Fate, Item, Outcome } from "./report.ts";

export interface Draft {
  readonly name: string;
  /** What stands above the policy, and says where it comes from. */
  readonly comment: string;
  readonly policy: PolicyFile;
  readonly fates: ReadonlyMap<string, Fate>;
}

/** Takes down what is said of a line. */
export interface Notes {
  readonly items: readonly Item[];
  /** The same list; every note is about this tool. */
  of(tool: string): Notes;
  add(outcome: Outcome, place: Place, message: string, help: string): void;
}

export function takeNotes(items: Item[] = [], tool?: string): Notes {
  return {
    items,
    of: (name) => takeNotes(items, name),
    add(outcome, place, message, help) {
      items.push({ outcome, ...(tool === undefined ? {} : { tool }), message, help, place });
    },
  };
}

/** The fate of a tool, from what was noted about it and about every tool. */
export function fateOf(items: readonly Item[], tool: string): Fate {
  const about = items.filter((item) => item.tool === tool || item.tool === "*");
  if (about.some(({ outcome }) => outcome === "denied" || outcome === "refused")) return "denied";
  return about.some(({ outcome }) => outcome === "narrower") ? "narrower" : "exact";
}
