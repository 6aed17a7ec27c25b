/** An emergency stop before anybody signed it. */
import type { HaltFile } from "../schema/types.ts";
import type { Store } from "./store.ts";
import { wholeSecond } from "./whole-second.ts";

/** The stop after those that the store knows. `deny` names at least one thing. */
export function newHalt(
  { root, trust, halts, now }: Store,
  { deny, reason }: Pick<HaltFile, "deny" | "reason">,
): HaltFile {
  return {
    type: "phiward.halt/1",
    domain: root.file.domain,
    stream: trust.stream,
    sequence: halts.length + 1,
    issued: wholeSecond(now),
    reason,
    deny,
  };
}
