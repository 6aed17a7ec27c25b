/** An export leaves the machine with much that is sensitive: it is recorded in the chain itself. */
import type { Random } from "../grant/token.ts";
import { adminEvent, recordAdmin, type Told } from "../review/tell.ts";
import type { Evidence } from "./evidence.ts";

export interface ExportWorld {
  /** A principal's id, as whoever makes it says. */
  readonly by?: string | undefined;
  readonly now: () => number;
  readonly random: Random;
  readonly checkpointKey?: string | undefined;
}

/** `evidence.exported`: the period, the digest of the manifest, and whether the records are in it. */
export async function recordExport(
  state: string,
  { facts, manifest }: Evidence,
  { by, now, random, checkpointKey }: ExportWorld,
): Promise<Told> {
  const { from, to } = facts.period;
  const words = {
    action: "evidence.exported",
    details: { from, to, digest: manifest.digest, records: facts.chain.included },
    ...(by === undefined ? {} : { by }),
  };
  return await recordAdmin(state, adminEvent(words, now(), random), { now, checkpointKey });
}
