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
  | "suppression"
  | "trust"
  | "workflow";

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

/** What a grant may do with a tool, in words; names stand in backticks. */
export interface Reach {
  /** `nothing`, `read one record by \`patient_id\``. */
  readonly what: string;
  readonly whose: string;
  /** Each by its name, and those without a name together; empty where there is none. */
  readonly conditions: readonly string[];
  readonly howOften: string;
}

/** How many recorded calls are newly allowed, and where the first of them stands. */
export interface Recorded {
  readonly calls: number;
  readonly first: {
    readonly id: string;
    /** RFC 3339. */
    readonly at: string;
    readonly file: string;
    readonly line: number;
  };
}

export interface Side {
  readonly verdict: "allow" | "deny";
  readonly rule: string;
  /** Why, in words of the policy; of a denial. */
  readonly reason?: string;
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
  /** Set where the change holds up the merge: broader or not proved, and within the scope. */
  readonly blocks?: true;
  /** `proof`: over all calls, or with a witness; `rule`: a setting's published order. */
  readonly by: "proof" | "rule";
  readonly summary: string;
  readonly witness?: Witness;
  readonly baseDecision?: Side;
  readonly headDecision?: Side;
  /** What the grant may do with the tool on each side, in words; of one cell. */
  readonly reach?: { readonly before: Reach; readonly after: Reach };
  /** Recorded calls of the same grant and tool that are newly allowed; where calls were replayed. */
  readonly recorded?: Recorded;
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
