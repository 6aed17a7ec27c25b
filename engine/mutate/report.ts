/** What mutation testing says: one value, from which every format is rendered. */
import type { ReceivedObject } from "../json/value.ts";
import type { Place } from "../source.ts";

/** A call of a grant on a server, or of a policy alone; or several, of which the last is decided differently. */
export interface Witness {
  readonly grant?: string;
  readonly policy?: string;
  readonly server?: string;
  readonly method: string;
  /** Empty for a method that is not a tool call. */
  readonly tool: string;
  readonly args: ReceivedObject;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The calls one after the other, the witness itself included, where a quota decides. */
  readonly sequence?: readonly Step[];
}

/** `repeat` calls at one time; `{i}` in their texts is `from`, then `from + 1` and so on. */
export interface Step {
  readonly at: number;
  readonly repeat: number;
  readonly from: number;
  readonly args: ReceivedObject;
}

/** What a test can say of the last call. */
export interface Seen {
  readonly verdict: "allow" | "deny";
  readonly rule: string;
  readonly ephi: boolean;
  readonly effect: string;
}

export interface Survivor {
  readonly mutation: string;
  readonly place: Place;
  /** The call that would kill it; absent where none was found, and none was proved not to exist. */
  readonly witness?: Witness;
  /** What the original decides of the witness, which a test should expect, and what the mutant does. */
  readonly expected?: Seen;
  readonly mutant?: Seen;
  /** What stopped the proof. */
  readonly unproved?: string;
}

export interface MutationReport {
  readonly killed: number;
  /** Noticed by no test; those of which it is not proved that they could be are among them. */
  readonly survived: number;
  /** Proved to decide every call as the original does. */
  readonly equivalent: number;
  readonly unproved: number;
  /** Killed, in per cent of all that are not equivalent; 100 where there are none. */
  readonly score: number;
  readonly survivors: readonly Survivor[];
}
