/** What `diff` says: one value, from which every format is rendered. */
import type { Digest, ReceivedObject } from "../json/value.ts";
import type { Effect } from "../policy/ir.ts";

export type Verdict = "same" | "narrower" | "broader" | "unknown";

export type ChangeKind =
  | "access"
  | "quota"
  | "expiry"
  | "grant-added"
  | "grant-removed"
  | "identity"
  | "server"
  | "label"
  | "pin"
  | "gate"
  | "test"
  | "suppression";

/** A concrete call, or a sequence of them, that shows what a change makes possible. */
export interface Witness {
  readonly grant: string;
  readonly server: string;
  readonly method: string;
  readonly tool: string;
  readonly args: ReceivedObject;
  /** The attributes of head's grant, where the rules read them: names and kinds, no values. */
  readonly attributes: ReceivedObject;
  /** RFC 3339. */
  readonly at: string;
  /** Calls of the same tool, one after the other, for a quota: the last one makes the difference. */
  readonly sequence?: { readonly every: string; readonly calls: readonly ReceivedObject[] };
}

export interface Side {
  readonly verdict: "allow" | "deny";
  readonly rule: string;
}

export interface Change {
  readonly kind: ChangeKind;
  readonly grant: string | null;
  readonly principal: string | null;
  readonly server: string | null;
  readonly method: string | null;
  readonly tool: string | null;
  /** Whether either side's catalogue says that patient data may be concerned. */
  readonly ephi: boolean;
  readonly effect: Effect | null;
  readonly verdict: Exclude<Verdict, "same">;
  /** `proof`: over all calls, or with a witness; `rule`: a setting's published order. */
  readonly by: "proof" | "rule";
  readonly summary: string;
  readonly witness?: Witness;
  readonly baseDecision?: Side;
  readonly headDecision?: Side;
  readonly before?: string;
  readonly after?: string;
  readonly file: string;
  readonly line: number;
  /** Sections of 45 CFR that the change is about. */
  readonly safeguards: readonly string[];
}

export interface Revision {
  readonly rev: string;
  readonly digest: Digest;
}

export interface Diff {
  readonly base: Revision;
  readonly head: Revision;
  readonly scope: "ephi" | "all";
  readonly verdict: Verdict;
  readonly blocks: boolean;
  readonly changes: readonly Change[];
  /** Cells: a grant on a tool or method of a server. `compared` were asked of the prover. */
  readonly cells: {
    readonly total: number;
    readonly compared: number;
    readonly equivalent: number;
  };
}

/** The gravest wins: something that became wider is not made good by something that became narrower. */
export function overall(verdicts: readonly Verdict[]): Verdict {
  for (const verdict of ["broader", "unknown", "narrower"] as const) {
    if (verdicts.includes(verdict)) return verdict;
  }
  return "same";
}
