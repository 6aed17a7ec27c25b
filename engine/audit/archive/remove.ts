/** Removes from a log what an archive holds, after the archive was verified and the chain says so. */
import { unlinkSync } from "node:fs";
import { syncFolder } from "../disk.ts";
import { segmentPath } from "../segments.ts";
import type { ArchivePlan } from "./plan.ts";

/** From the oldest on: a crash in between leaves a log that begins earlier than the record says, and is whole. */
export async function removeArchived(log: string, { segments }: ArchivePlan): Promise<void> {
  for (const segment of segments) unlinkSync(segmentPath(log, segment));
  await syncFolder(log);
}
