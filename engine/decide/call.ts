/** One request of a grant, as the decision sees it. */
import type { ReceivedObject } from "../json/value.ts";

/** The method of a tool call; every other one is judged by a policy's `methods`. */
export const TOOLS_CALL = "tools/call";

/** One call: of a grant on a server, or of one policy alone (then `server` only lends its labels). */
export interface Call {
  readonly grant?: string;
  readonly policy?: string;
  readonly server?: string;
  readonly method: string;
  /** Empty for a method that is not a tool call. */
  readonly tool: string;
  readonly args: ReceivedObject;
  /** Epoch milliseconds. */
  readonly at: number;
}
