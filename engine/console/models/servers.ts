/** Which servers there are, who runs them, and whether an agreement is in force. */
import type { Index } from "../../audit/index/schema.ts";
import type { Repository, Server } from "../../policy/ir.ts";
import type { LoadedRepository } from "../../policy/load.ts";
import { DAY } from "../../policy/time.ts";
import { useOf } from "./facets.ts";

export type Agreement =
  | "in force"
  | "ends soon"
  | "over"
  | "not yet"
  | "pending"
  | "none"
  | "not required";

export interface ServerRow {
  readonly server: Server;
  readonly vendor: string | undefined;
  readonly description: string | undefined;
  readonly agreement: Agreement;
  readonly ephiTools: number;
  readonly tools: number;
  readonly pinned: number | undefined;
  readonly allowed: number;
  readonly denied: number;
}

export interface Servers {
  readonly requireBaa: boolean;
  readonly rows: readonly ServerRow[];
}

export function servers(
  loaded: LoadedRepository,
  repository: Repository,
  index: Index,
  at: number,
): Servers {
  const uses = Map.groupBy(useOf(index), ({ server }) => server);
  return {
    requireBaa: repository.requireBaa,
    rows: Object.values(repository.servers).map((server) => {
      const file = loaded.servers.get(server.id)?.located.value;
      const used = uses.get(server.id) ?? [];
      const labels = Object.values(server.tools);
      return {
        server,
        vendor: file?.vendor?.name,
        description: file?.description,
        agreement: agreementOf(server, at),
        tools: labels.length,
        ephiTools: labels.filter(({ ephi }) => ephi !== false).length,
        pinned: server.lock === undefined ? undefined : Object.keys(server.lock.tools).length,
        allowed: used.reduce((sum, { allowed }) => sum + allowed, 0),
        denied: used.reduce((sum, { denied }) => sum + denied, 0),
      };
    }),
  };
}

const SOON_MS = 60 * DAY;

function agreementOf({ baa: { status, signed, expires } }: Server, at: number): Agreement {
  if (status !== "signed") return status === "not_required" ? "not required" : status;
  if (signed !== undefined && at < signed) return "not yet";
  if (expires === undefined) return "in force";
  if (at >= expires) return "over";
  return at >= expires - SOON_MS ? "ends soon" : "in force";
}
