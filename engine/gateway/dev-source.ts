/**
 * The policy of a development gateway: the work tree of an unsigned repository. A change on disk is
 * taken over within a second when the repository is sound; otherwise the policy before stays.
 */
import { prepare } from "../decide/prepare.ts";
import { PhiwardError } from "../errors.ts";
import { hasErrors } from "../finding.ts";
import type { Host } from "../host/host.ts";
import type { Tree } from "../host/tree.ts";
import type { Repository } from "../policy/ir.ts";
import { load, sound } from "../policy/load.ts";
import type { ActivePolicy, PolicyEvent, PolicySource } from "./policy-source.ts";

export interface DevSourceOptions {
  readonly folder: string;
  readonly host: Host;
  /** Why a repository may not be used, beside its own errors; undefined: it may. */
  readonly objection: (policy: ActivePolicy) => string | undefined;
  readonly pollMs: number;
  /** The issuers that the host knows. */
  readonly issuers: ReadonlySet<string>;
}

/** Rejects when the repository is not sound at start: there is no policy before it. */
export async function devSource(options: DevSourceOptions): Promise<PolicySource> {
  const { folder, host, objection, pollMs, issuers } = options;
  const tree = host.folder(folder);
  const listeners: ((event: PolicyEvent) => void)[] = [];
  let stamp = await stampOf(tree);
  let current = await activePolicy(tree, issuers);
  const refused = objection(current);
  if (refused !== undefined) {
    throw new PhiwardError("UNTRUSTED_UPSTREAM", refused, {
      help: "a development gateway reaches loopback and the commands of the repository only; list others in `upstreams` of --config",
    });
  }
  const tell = (event: PolicyEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const look = async (): Promise<void> => {
    const now = await stampOf(tree);
    if (now === stamp) return;
    stamp = now;
    const loaded = await load(tree);
    if (hasErrors(loaded.findings)) {
      const first = loaded.findings.find(({ severity }) => severity === "error")!;
      const at = `${first.place.file}:${first.place.line}`;
      return tell({ event: "refused", check: "lint", says: `${at}: ${first.message}` });
    }
    const next = await activePolicy(tree, issuers);
    if (next.bundle.digest === current.bundle.digest) return;
    const why = objection(next);
    if (why !== undefined)
      return tell({ event: "refused", check: "(untrusted upstream)", says: why });
    current = next;
    tell({ event: "activated", policy: next });
  };
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: Error) => tell({ event: "refused", check: "unreadable", says: error.message }))
      .finally(() => {
        looking = false;
      });
  }, pollMs);
  timer.unref();
  return {
    current: () => current,
    freshness: () => "fresh",
    halted: () => undefined,
    onEvent: (listener) => listeners.push(listener),
    stop: () => clearInterval(timer),
  };
}

async function activePolicy(tree: Tree, issuers: ReadonlySet<string>): Promise<ActivePolicy> {
  const loaded = await load(tree);
  const repository = sound(loaded);
  const project = loaded.project?.value;
  return {
    repository: prepare(withTokens(repository, issuers)),
    bundle: {
      name: project?.bundle?.name ?? "unnamed",
      version: "dev",
      digest: repository.digest,
    },
    subjectKey: project?.subject?.key ?? "v1",
  };
}

/** For a first try, a grant of an issuer that is not at hand has a grant token as others have. */
function withTokens(repository: Repository, issuers: ReadonlySet<string>): Repository {
  const grants = Object.entries(repository.grants).map(([id, { oidc, ...grant }]) => [
    id,
    oidc !== undefined && issuers.has(oidc.issuer) ? { ...grant, oidc } : grant,
  ]);
  return { ...repository, grants: Object.fromEntries(grants) };
}

/** What a change on disk changes: names, sizes and times of the files. */
async function stampOf(tree: Tree): Promise<string> {
  const files = await tree.list();
  return JSON.stringify(files.map(({ path, bytes, modified }) => [path, bytes, modified ?? 0]));
}
