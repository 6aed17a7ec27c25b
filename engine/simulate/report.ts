/** What recorded calls say of a change: one value, bounded in size however many calls there are. */
import type { Effect } from "../policy/ir.ts";

export interface Side {
  readonly verdict: "allow" | "deny";
  readonly rule: string;
}

/** A recorded call whose verdict differs. It names the fixture, never its arguments' values. */
export interface ChangedCall {
  readonly id: string;
  readonly at: string;
  readonly grant: string;
  readonly server: string;
  readonly method: string;
  readonly tool: string;
  readonly ephi: boolean;
  readonly effect: Effect;
  readonly base: Side;
  readonly head: Side;
  readonly reason: string;
  readonly file: string;
  readonly line: number;
  /** Replaced values that either verdict has read; absent where there is none. */
  readonly readReplaced?: readonly string[];
}

/** A verdict that has read a value which `record` had replaced: for the value that was sent it may differ. */
export interface MarkedCall {
  readonly id: string;
  readonly grant: string;
  readonly server: string;
  readonly method: string;
  readonly tool: string;
  readonly verdict: "allow" | "deny";
  readonly rule: string;
  /** Of arguments, such as `args.patient_id`. */
  readonly paths: readonly string[];
  readonly file: string;
  readonly line: number;
}

export interface Marked {
  readonly calls: number;
  /** The first of them. */
  readonly first: readonly MarkedCall[];
  /** How many verdicts have read which path, the most first. */
  readonly byPath: readonly { readonly path: string; readonly calls: number }[];
}

/** Recorded calls of one kind, as head decides them and as that differs from base. */
export interface Count {
  readonly calls: number;
  readonly allowed: number;
  readonly denied: number;
  readonly gained: number;
  readonly revoked: number;
}

export interface ToolCount extends Omit<Count, "calls"> {
  /** A tool's name; a method's where the call is of none. */
  readonly tool: string;
}

export interface PersonCount extends Count {
  /** Who calls; null for a grant that neither side has. */
  readonly principal: string | null;
  /** The person who answers for it. */
  readonly responsible: string | null;
  readonly ephiGained: number;
}

/** Gained calls of one grant, of one tool or method: how many, and the first of them. */
export interface GainedCell {
  readonly grant: string;
  readonly server: string;
  readonly method: string;
  readonly tool: string;
  readonly calls: number;
  readonly first: Pick<ChangedCall, "id" | "at" | "file" | "line">;
}

export interface Simulation {
  readonly total: number;
  /** The first of them, and the first of every grant and tool; `gainedTotal` counts all. */
  readonly gained: readonly ChangedCall[];
  readonly gainedTotal: number;
  readonly revoked: readonly ChangedCall[];
  readonly revokedTotal: number;
  readonly unchanged: number;
  /** Recorded calls without a verdict to compare with, when there is no base. */
  readonly uncompared: number;
  readonly ephiGained: number;
  readonly gainedCells: readonly GainedCell[];
  /** Calls that may concern patient data, by the label of either side. */
  readonly ephi: Count;
  /** The most gained calls first, then the most calls. */
  readonly byPerson: readonly PersonCount[];
  /** Calls whose quota windows were no longer held, since they are much older than those before them. */
  readonly outOfOrder: number;
  /** Verdicts of either side that have read a replaced value. */
  readonly marked: Marked;
  /** What head says of all of them. */
  readonly head: {
    readonly allowed: number;
    readonly denied: number;
    readonly byTool: readonly ToolCount[];
    readonly byRule: Readonly<Record<string, number>>;
  };
}
