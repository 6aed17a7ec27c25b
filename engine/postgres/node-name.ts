/** A node's name is one process's at a time: two with one name would take each other's place in the log. */
import type pg from "pg";
import { PhiwardError } from "../errors.ts";

const TRIES = 20;
const WAIT_MS = 100;

/**
 * Takes the name for as long as this connection lasts; the database frees it when the process dies,
 * however it dies. Rejects with STATE_BUSY when another process keeps it.
 */
export async function takeName(client: pg.ClientBase, node: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { rows } = await client.query(
      "SELECT pg_try_advisory_lock(hashtextextended('phiward:node:' || $1, 0)) AS taken",
      [node],
    );
    if ((rows[0] as { taken: boolean }).taken) return;
    // A process that has just been stopped, or a connection that has just broken, is noticed soon.
    if (tries === TRIES) {
      throw new PhiwardError("STATE_BUSY", `another process runs as node \`${node}\``, {
        help: "give every gateway a `node` of its own in its engine.yaml, and a state folder of its own",
      });
    }
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
}
