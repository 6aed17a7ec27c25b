/** Looks at an attack as the program does: from the files, and nothing else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Refused, startChecks } from "../../../engine/bundle/checks.ts";
import { releaseBytes } from "../../../engine/bundle/files.ts";
import { reopen } from "../../../engine/bundle/kept.ts";
import { redoDraft } from "../../../engine/bundle/redo.ts";
import { readFolder } from "../../../engine/bundle/store/folder.ts";
import { readSource } from "../../../engine/bundle/store/source.ts";
import { readKept } from "../../../engine/bundle/store/state-folder.ts";
import { readTrust } from "../../../engine/bundle/trust.ts";
import { update } from "../../../engine/bundle/update.ts";
import { followRoots } from "../../../engine/bundle/verify.ts";
import { verifyRead } from "../../../engine/bundle/verify-read.ts";
import { gitTree } from "../../../engine/host/git.ts";
import { gitHistory } from "../../../engine/host/history.ts";
import type { TrustFile } from "../../../engine/schema/types.ts";
import type { Case } from "./attack.ts";

/** The check that refused, or `believed`. */
export async function judge(folder: string): Promise<string> {
  const one: Case = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
  return await JUDGES[one.kind](folder, one);
}

const JUDGES: Readonly<Record<Case["kind"], (folder: string, one: Case) => Promise<string>>> = {
  verify,
  sign,
  update: poll,
};

/** As an officer's machine does before its key signs. */
async function sign(folder: string, { now }: Case): Promise<string> {
  const { demand } = startChecks();
  const policies = join(folder, "policies");
  try {
    const files = readFolder(join(folder, "release"));
    const store = followRoots(files, { trust: trustIn(folder), now }, demand);
    const treeAt = (commit: string) => gitTree(policies, commit);
    await redoDraft(store, releaseBytes(files, demand), files.previous, treeAt, demand, {
      past: {
        history: (commit, since) => gitHistory(policies, commit, since),
        before: files.previousProvenance,
      },
      said: files.provenance,
    });
    return "believed";
  } catch (error) {
    if (error instanceof Refused) return error.check;
    throw error;
  }
}

/** As an engine does at its start and at each poll, with the state that it kept. */
async function poll(folder: string, { now }: Case): Promise<string> {
  const trust = trustIn(folder);
  const files = readFolder(join(folder, "release"));
  try {
    const kept = readKept(join(folder, "state"));
    const pinned = kept.roots.get(trust.root.version) ?? files.roots.get(trust.root.version)!;
    const { known, refused } = await reopen(kept, trust, pinned, now, startChecks().demand);
    if (refused !== undefined) return refused.check;
    const clock = Math.max(now, kept.state?.signedTime ?? 0);
    const updated = await update(known, files, clock);
    return updated.refused?.check ?? "believed";
  } catch (error) {
    if (error instanceof Refused) return error.check;
    throw error;
  }
}

async function verify(folder: string, { source, version, now }: Case): Promise<string> {
  const trust = trustIn(folder);
  const read = () => readSource(join(folder, source!), version);
  const { verification } = await verifyRead(read, { trust, now });
  return verification.refused?.check ?? "believed";
}

function trustIn(folder: string): TrustFile {
  return readTrust("trust.json", readFileSync(join(folder, "trust.json"), "utf8"));
}
