/**
 * Who may do what, for an access review (45 CFR §164.308(a)(4)(ii)(C)): every grant of the policies in
 * force, with what it effectively reaches, its dates, its reviews, its tokens and its use.
 */
import type { AccessRow } from "../access/access.ts";
import type { TokenEntry } from "../grant/entry.ts";
import { listTokens } from "../grant/list.ts";
import type { Grant, Repository } from "../policy/ir.ts";
import { formatDay } from "../policy/time.ts";
import type { ProvenanceFile } from "../schema/types.ts";
import type { Tally } from "./tally.ts";

export interface GrantRow {
  readonly grant: string;
  readonly principal: string;
  readonly kind: string;
  readonly responsible: string;
  readonly purpose: string;
  readonly justification: string;
  /** `server: policy`, each. */
  readonly access: readonly string[];
  /** How it proves who it is. */
  readonly authentication: string;
  readonly issued: string;
  readonly expires: string;
  readonly inForce: boolean;
  readonly lastReview: string;
  readonly reviewedBy: string;
  readonly emergency: string;
  readonly reaches: {
    /** Tools and methods, by how far they can be called. */
    readonly all: number;
    readonly conditional: number;
    /** Of both: those that may touch patient data. */
    readonly ephi: number;
  };
  /** Undefined where the tokens are not kept on this machine. */
  readonly liveTokens: number | undefined;
  /** In the period. */
  readonly calls: number;
  readonly denied: number;
  readonly lastUse: string;
  /** Where it comes from. */
  readonly commit: string;
  readonly pullRequest: string;
  readonly approvers: readonly string[];
}

export interface RegistryInput {
  readonly repository: Repository;
  readonly rows: readonly AccessRow[];
  readonly tokens: readonly TokenEntry[] | undefined;
  readonly tally: Tally;
  readonly provenance: ProvenanceFile | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function registryOf(input: RegistryInput): readonly GrantRow[] {
  const { repository, tokens, now, tally } = input;
  const live = tokens === undefined ? undefined : liveByGrant(tokens, repository, now);
  const used = new Map(tally.byGrant.map((one) => [one.grant, one]));
  const reached = Map.groupBy(input.rows, ({ grant }) => grant);
  return Object.values(repository.grants).map((grant) => {
    const use = used.get(grant.id);
    const rows = (reached.get(grant.id) ?? []).filter(({ access }) => access !== "none");
    return {
      ...identityOf(grant),
      ...datesOf(grant, now),
      reaches: {
        all: rows.filter(({ access }) => access === "all").length,
        conditional: rows.filter(({ access }) => access === "conditional").length,
        ephi: rows.filter(({ ephi }) => ephi).length,
      },
      liveTokens: live === undefined ? undefined : (live.get(grant.id) ?? 0),
      calls: use?.count ?? 0,
      denied: use?.denied ?? 0,
      lastUse: use?.last ?? "",
      ...originOf(input.provenance, grant.id),
    };
  });
}

function identityOf({ id, principal, purpose, justification = "", access, oidc, audit }: Grant) {
  return {
    grant: id,
    principal: principal.id,
    kind: principal.kind,
    responsible: principal.responsible ?? "",
    purpose,
    justification,
    access: [
      ...Object.entries(access).map(([server, policy]) => `${server}: ${policy}`),
      ...(audit === undefined ? [] : [`audit log: ${audit}`]),
    ],
    authentication:
      oidc === undefined ? "grant token" : `${oidc.issuer} (subject \`${oidc.subject}\`)`,
  };
}

function datesOf({ issued, expires, lastReview, breakGlass }: Grant, now: number) {
  return {
    issued: formatDay(issued),
    expires: formatDay(expires),
    inForce: issued <= now && now < expires,
    lastReview: lastReview === undefined ? "" : formatDay(lastReview.on),
    reviewedBy: lastReview?.by ?? "",
    emergency:
      breakGlass === undefined
        ? ""
        : `opened by ${breakGlass.openers.join(", ")}, for at most ${breakGlass.maxMs / 3_600_000} h`,
  };
}

function liveByGrant(
  tokens: readonly TokenEntry[],
  repository: Repository,
  now: number,
): ReadonlyMap<string, number> {
  const live = listTokens(tokens, repository, now).filter(({ state }) => state === "live");
  return new Map([...Map.groupBy(live, ({ grant }) => grant)].map(([id, of]) => [id, of.length]));
}

function originOf(file: ProvenanceFile | undefined, grant: string) {
  const index = file === undefined ? undefined : file.grants[grant];
  const change = index === undefined ? undefined : file?.changes[index];
  return {
    commit: change?.commit ?? "",
    pullRequest: change?.pullRequest === undefined ? "" : String(change.pullRequest.number),
    approvers: change?.approvers.map(({ name }) => name) ?? [],
  };
}

export interface ServerRow {
  readonly server: string;
  readonly vendor: string;
  readonly baa: string;
  readonly signed: string;
  readonly expires: string;
  /** Whether the agreement is in force at the time of the export. */
  readonly inForce: boolean;
  readonly transport: string;
  readonly credential: "read only" | "may write";
  readonly tools: number;
  readonly ephiTools: number;
  readonly pinned: number;
  /** In the period. */
  readonly calls: number;
  readonly ephiCalls: number;
}

export function serversOf(
  repository: Repository,
  vendorOf: (server: string) => string,
  tally: Tally,
  now: number,
): readonly ServerRow[] {
  return Object.values(repository.servers).map((server) => {
    const { id, baa, transport, tools, lock } = server;
    const calls = tally.byTool.filter((one) => one.server === id);
    const sum = (of: typeof calls): number => of.reduce((total, { count }) => total + count, 0);
    return {
      server: id,
      vendor: vendorOf(id),
      baa: baa.status,
      signed: baa.signed === undefined ? "" : formatDay(baa.signed),
      expires: baa.expires === undefined ? "" : formatDay(baa.expires),
      inForce:
        baa.status === "not_required" ||
        (baa.status === "signed" &&
          (baa.signed ?? Number.NEGATIVE_INFINITY) <= now &&
          now < (baa.expires ?? Number.POSITIVE_INFINITY)),
      transport: String(transport.type ?? ""),
      credential: server.readOnlyCredential ? "read only" : "may write",
      tools: Object.keys(tools).length,
      ephiTools: Object.values(tools).filter(({ ephi }) => ephi !== false).length,
      pinned: Object.keys(lock?.tools ?? {}).length,
      calls: sum(calls),
      ephiCalls: sum(calls.filter(({ ephi }) => ephi)),
    };
  });
}
