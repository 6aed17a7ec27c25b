/** The recorder, for who runs one. Apart from the rest of the public API, because it opens sockets and starts processes. */
import { auditState } from "../audit/state.ts";
import { prepare } from "../decide/prepare.ts";
import type { Host } from "../host/host.ts";
import { load, sound } from "../policy/load.ts";
import { createFixtureFile } from "./file.ts";
import { recordFromAudit } from "./from-audit.ts";
import { fixturePath } from "./record.ts";
import type { Recording } from "./report.ts";
import { recorderKey } from "./state.ts";

export { type RecordOptions, type RunningRecorder, startRecorder } from "./record.ts";
export type { Recording } from "./report.ts";

export interface AuditFixturesOptions {
  /** The policy repository. */
  readonly folder: string;
  /** The gateway's state folder, which has the log. */
  readonly audit: string;
  readonly server: string;
  readonly grant: string | undefined;
  readonly output: string | undefined;
  /** The recorder's own state folder. */
  readonly state: string | undefined;
  readonly maxCalls: number;
  readonly host: Host;
}

/** Writes fixtures with real keys and no real value. Throws NO_AUDIT_LOG, AUDIT_BROKEN, and what load does. */
export async function fixturesFromAudit(options: AuditFixturesOptions): Promise<Recording> {
  const { folder, audit, server, grant, output, state, maxCalls, host } = options;
  const { log } = auditState(audit);
  const repository = prepare(sound(await load(host.folder(folder))));
  const key = recorderKey(state, folder);
  const stamp = new Date(host.now()).toISOString().replace(/[-:]|\.[0-9]+/g, "");
  const path = output ?? fixturePath(folder, `${server}-audit`, stamp, false);
  const file = createFixtureFile(path, false);
  return recordFromAudit({ repository, log, key, server, grant, file, path, maxCalls });
}
