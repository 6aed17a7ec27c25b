/** What the commands about grants have in common: the registry, with what the state folder knows. */
import { Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";
import { withIndex } from "../audit/shared.ts";

export const since = Flags.string({
  description: "count calls since then: a time to look back, such as 90d, or a day",
  helpValue: "90d|DAY",
  default: "90d",
});

export function sinceOf(engine: typeof Engine, text: string, now: number): number {
  if (/^[0-9]{1,4}d$/.test(text)) return now - engine.parseDuration(text);
  const day = engine.parseDay(text);
  if (day !== undefined) return day;
  throw new engine.PhiwardError("USAGE", `\`${text.slice(0, 60)}\` is no time to look back`, {
    help: "write days such as 90d, or a day such as 2026-07-01",
  });
}

/** What the log says of grants. */
export interface LogOfGrants {
  readonly use: Engine.review.Use;
  readonly signatures: ReturnType<typeof Engine.review.accessSignatures>;
}

/** undefined where nothing was ever recorded. */
export function logOf(engine: typeof Engine, state: string, from: number): LogOfGrants | undefined {
  let folder: string;
  try {
    folder = engine.auditState(state).log;
  } catch (error) {
    if (error instanceof engine.PhiwardError && error.code === "NO_AUDIT_LOG") return undefined;
    throw error;
  }
  return withIndex(engine, folder, (index) => ({
    use: engine.review.useSince(index, from),
    signatures: engine.review.accessSignatures({ folder, index }),
  }));
}

export interface Question {
  readonly dir: string;
  readonly state: string;
  readonly since: string;
}

/** The registry, and what it was made of. */
export async function registryOf(
  engine: typeof Engine,
  host: Engine.Host,
  { dir, state, since: text }: Question,
) {
  const tree = host.folder(dir);
  const loaded = await engine.load(tree);
  const repository = engine.sound(loaded);
  const now = host.now();
  const from = sinceOf(engine, text, now);
  const log = logOf(engine, state, from);
  const { rows } = engine.access(repository, now);
  const before = await signedBefore(engine, host, dir, log);
  const grants = engine.review.grantRegistry({
    repository,
    rows,
    now,
    use: log?.use,
    signatures: log?.signatures,
    tokens: engine.openTokenStore(state).list(),
    before,
  });
  const registry = {
    at: new Date(now).toISOString(),
    repository: repository.digest,
    since: log === undefined ? null : new Date(from).toISOString(),
    rows: grants,
  };
  return { tree, loaded, log, rows, now, from, registry };
}

/** The policies at the commit that was signed last; undefined where Git does not have it any more. */
async function signedBefore(
  engine: typeof Engine,
  host: Engine.Host,
  dir: string,
  log: LogOfGrants | undefined,
): Promise<Engine.ir.Repository | undefined> {
  const commit = log?.signatures.at(-1)?.commit;
  if (commit === undefined || !/^[0-9a-f]{40,64}$/.test(commit)) return undefined;
  try {
    return engine.sound(await engine.load(await host.revision(dir, commit)));
  } catch (error) {
    if (error instanceof engine.PhiwardError) return undefined;
    throw error;
  }
}
