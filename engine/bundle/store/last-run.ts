/** The release that the engine of a state folder ran last, for whoever looks at it from beside. */
import { join } from "node:path";
import { PhiwardError } from "../../errors.ts";
import type { TrustFile } from "../../schema/types.ts";
import { startChecks } from "../checks.ts";
import { reopen } from "../kept.ts";
import type { Running } from "../update.ts";
import { readKept } from "./state-folder.ts";

/**
 * Checked once more, as the engine checks it at its start. Throws Refused, or UNREADABLE where none
 * ever ran. `now` in epoch milliseconds.
 */
export async function lastRun(state: string, trust: TrustFile, now: number): Promise<Running> {
  const kept = readKept(join(state, "bundle"));
  const pinned = kept.roots.get(trust.root.version);
  if (pinned === undefined) throw noRelease(state);
  const { known, refused } = await reopen(kept, trust, pinned, now, startChecks().demand);
  if (refused !== undefined) throw refused;
  if (known.running === undefined) throw noRelease(state);
  return known.running;
}

function noRelease(state: string): PhiwardError {
  return new PhiwardError("UNREADABLE", `no release ever ran with \`${state}\``, {
    help: "start the gateway once, or name the policy repository with --dir",
  });
}
