/** The conformance server, and the gateway in front of it with everything on. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDevGateway } from "../../engine/gateway/dev.ts";
import { nodeHost } from "../../engine/host/host.ts";
import { GRANT, writeRepository } from "./repository.ts";
import { startUpstream } from "./upstream.ts";

export interface Targets {
  /** The server itself; it asks for no token. */
  readonly direct: string;
  /** The same server behind the gateway. */
  readonly gateway: string;
  /** Of the grant that may do everything. */
  readonly token: string;
  /** Where the policy repository is. */
  readonly policies: string;
  /** Where the audit log is. */
  readonly audit: string;
  stop(): Promise<void>;
}

export async function startTargets(): Promise<Targets> {
  const root = mkdtempSync(join(tmpdir(), "phiward-conformance-"));
  const policies = join(root, "policies");
  const state = join(root, "state");
  mkdirSync(policies);
  const upstream = await startUpstream();
  await writeRepository(policies, upstream.url);
  const { gateway, tokens } = await startDevGateway({ folder: policies, state, host: nodeHost });
  return {
    direct: upstream.url,
    gateway: await gateway.listen("127.0.0.1", 0),
    token: tokens[GRANT]!,
    policies,
    audit: join(state, "audit"),
    async stop() {
      await gateway.stop();
      await upstream.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
