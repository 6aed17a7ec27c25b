/**
 * The registry of grants: who has which access, why, until when, who reviewed it, and what it is used
 * for. 45 CFR §164.308(a)(4)(ii)(C) asks that access is established, documented, reviewed and modified.
 */
import type { AccessRow } from "../../access/access.ts";
import { compareText } from "../../finding.ts";
import { stateOf, type TokenEntry } from "../../grant/entry.ts";
import { canonical, type Json } from "../../json/value.ts";
import type { Grant, Repository } from "../../policy/ir.ts";
import { formatDay } from "../../policy/time.ts";
import type { AccessSignature } from "../signed.ts";
import type { Use } from "./use.ts";

export interface Reach {
  /** Tools and methods of which every call is allowed, or some are. */
  readonly all: number;
  readonly conditional: number;
  readonly none: number;
  /** Those that may touch patient data, of all and conditional. */
  readonly ephi: number;
}

export interface GrantRow {
  readonly grant: string;
  readonly principal: string;
  readonly kind: Grant["principal"]["kind"];
  readonly responsible: string | null;
  readonly purpose: string;
  readonly justification: string | null;
  /** `server: policy` for each. */
  readonly access: readonly { readonly server: string; readonly policy: string }[];
  readonly audit: "read" | "sign" | null;
  readonly breakGlass: boolean;
  /** Days. Valid from the first until just before the second. */
  readonly issued: string;
  readonly expires: string;
  readonly state: "in force" | "not yet valid" | "expired";
  readonly reach: Reach;
  /** As the grant's file says. */
  readonly lastReview: { readonly on: string; readonly by: string } | null;
  /** The signature in the chain that goes with that review: of the same person on the same day. */
  readonly signature: { readonly seq: number; readonly commit: string } | null;
  readonly tokens: { readonly live: number; readonly ended: number } | null;
  /** RFC 3339; null: never, as far as the log goes, or there is no log. */
  readonly lastUsed: string | null;
  /** Calls in the period, and of those the denied ones; null without a log. */
  readonly calls: { readonly all: number; readonly denied: number } | null;
  /** What is different from when access was last signed; null where that is not known. */
  readonly changes: readonly string[] | null;
}

export interface RegistryInput {
  readonly repository: Repository;
  /** The effective access of every grant. */
  readonly rows: readonly AccessRow[];
  /** Epoch milliseconds. */
  readonly now: number;
  readonly use?: Use | undefined;
  readonly tokens?: readonly TokenEntry[] | undefined;
  readonly signatures?: readonly AccessSignature[] | undefined;
  /** The policies at the commit that was signed last. */
  readonly before?: Repository | undefined;
}

/** By id. */
export function grantRegistry(input: RegistryInput): readonly GrantRow[] {
  const reach = Map.groupBy(input.rows, ({ grant }) => grant);
  return Object.values(input.repository.grants)
    .sort((a, b) => compareText(a.id, b.id))
    .map((grant) => rowOf(grant, reach.get(grant.id) ?? [], input));
}

function rowOf(grant: Grant, rows: readonly AccessRow[], input: RegistryInput): GrantRow {
  const { now, use, tokens, repository, before } = input;
  const { id, principal, purpose, justification, access, audit, issued, expires } = grant;
  const used = use?.last.get(id);
  const calls = use?.calls.get(id);
  return {
    grant: id,
    principal: principal.id,
    kind: principal.kind,
    responsible: principal.responsible ?? null,
    purpose,
    justification: justification ?? null,
    access: Object.entries(access).map(([server, policy]) => ({ server, policy })),
    audit: audit ?? null,
    breakGlass: grant.breakGlass !== undefined,
    issued: formatDay(issued),
    expires: formatDay(expires),
    state: now < issued ? "not yet valid" : now < expires ? "in force" : "expired",
    reach: reachOf(rows),
    ...reviewOf(grant, input.signatures ?? []),
    tokens: tokens === undefined ? null : tokensOf(tokens, id, repository, now),
    lastUsed: used === undefined ? null : new Date(used).toISOString(),
    calls: use === undefined ? null : { all: calls?.calls ?? 0, denied: calls?.denied ?? 0 },
    changes: before === undefined ? null : changesOf(grant, repository, before),
  };
}

function reachOf(rows: readonly AccessRow[]): Reach {
  const count = (which: (row: AccessRow) => boolean): number => rows.filter(which).length;
  return {
    all: count(({ access }) => access === "all"),
    conditional: count(({ access }) => access === "conditional"),
    none: count(({ access }) => access === "none"),
    ephi: count(({ access, ephi }) => access !== "none" && ephi),
  };
}

function reviewOf(
  { lastReview }: Grant,
  signatures: readonly AccessSignature[],
): Pick<GrantRow, "lastReview" | "signature"> {
  if (lastReview === undefined) return { lastReview: null, signature: null };
  const on = formatDay(lastReview.on);
  const signed = signatures.findLast(({ at, by }) => by === lastReview.by && at.startsWith(on));
  return {
    lastReview: { on, by: lastReview.by },
    signature: signed === undefined ? null : { seq: signed.seq, commit: signed.commit },
  };
}

function tokensOf(
  entries: readonly TokenEntry[],
  grant: string,
  repository: Repository,
  now: number,
): GrantRow["tokens"] {
  const own = entries.filter((entry) => entry.grant === grant);
  const live = own.filter((entry) => stateOf(entry, repository, now) === "live").length;
  return { live, ended: own.length - live };
}

/** In words: what a reviewer who knows the last review has to look at. */
function changesOf(grant: Grant, now: Repository, before: Repository): readonly string[] {
  const old = before.grants[grant.id];
  if (old === undefined) return ["the grant is new"];
  const members: readonly (keyof Grant)[] = [
    ...(["principal", "purpose", "justification", "access", "audit", "attributes"] as const),
    ...(["oidc", "issued", "expires", "breakGlass"] as const),
  ];
  const own = members
    .filter((name) => text(grant[name]) !== text(old[name]))
    .map((name) => `the grant: ${name}`);
  const others = Object.entries(grant.access).flatMap(([server, policy]) => [
    ...(now.policies[policy]?.digest === before.policies[policy]?.digest
      ? []
      : [`the policy ${policy}`]),
    ...(text(now.servers[server]) === text(before.servers[server]) ? [] : [`the server ${server}`]),
  ]);
  return [...own, ...new Set(others)];
}

function text(value: unknown): string {
  return value === undefined ? "" : canonical(value as Json);
}
