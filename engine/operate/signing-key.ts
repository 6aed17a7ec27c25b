/** The key that signs a log's checkpoints, for who vouches for a copy of it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type CheckpointKey, loadOrCreateCheckpointKey } from "../audit/checkpoint.ts";
import { PhiwardError } from "../errors.ts";

/** Throws UNREADABLE where there is none: one that is made now would be nobody's. */
export function signingKey(
  state: string,
  path = join(state, "keys", "checkpoint.pem"),
): CheckpointKey {
  if (existsSync(path)) return loadOrCreateCheckpointKey(path);
  throw new PhiwardError("UNREADABLE", `there is no checkpoint key at \`${path}\``, {
    help: "name the one of `audit.checkpointKey` in engine.yaml with --checkpoint-key",
  });
}
