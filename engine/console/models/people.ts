/** Who there is: every grant, what it was used for, and what it can reach. */
import { type AccessRow, access } from "../../access/access.ts";
import { openReader } from "../../audit/index/reader.ts";
import type { Index } from "../../audit/index/schema.ts";
import { query } from "../../audit/query.ts";
import { recordedOrigins } from "../../bundle/store/origins.ts";
import { type ListedToken, listTokens } from "../../grant/list.ts";
import { own } from "../../json/value.ts";
import type { Grant, Repository } from "../../policy/ir.ts";
import type { ProvenanceChange } from "../../schema/types.ts";
import type { Books } from "../books.ts";
import { facetsOf, type Use, useOf } from "./facets.ts";

export type Standing = "in force" | "not yet" | "expired" | "dormant";

export interface Person {
  readonly grant: Grant;
  readonly standing: Standing;
  readonly liveTokens: number;
  readonly allowed: number;
  readonly denied: number;
  /** RFC 3339; null: never. */
  readonly lastUsed: string | null;
}

export interface People {
  readonly people: readonly Person[];
  /** Principals of the log that no grant names any more. */
  readonly gone: readonly string[];
}

export async function people(
  { audit, tokens }: Books,
  repository: Repository,
  index: Index,
  at: number,
): Promise<People> {
  const uses = byGrant(useOf(index));
  const live = new Map<string, number>();
  for (const { grant, state } of listTokens(await tokens.list(), repository, at)) {
    if (state === "live") live.set(grant, (live.get(grant) ?? 0) + 1);
  }
  const reader = openReader(audit.log, index);
  const named = new Set(Object.values(repository.grants).map(({ principal }) => principal.id));
  return {
    people: Object.values(repository.grants).map((grant) => {
      const own = uses.get(grant.id) ?? [];
      const last = own.reduce((most, one) => Math.max(most, one.last), 0);
      return {
        grant,
        standing: standingOf(grant, at),
        liveTokens: live.get(grant.id) ?? 0,
        allowed: own.reduce((sum, { allowed }) => sum + allowed, 0),
        denied: own.reduce((sum, { denied }) => sum + denied, 0),
        lastUsed: last === 0 ? null : (reader.read(last)?.record.at ?? null),
      };
    }),
    gone: facetsOf(index).principals.filter((one) => !named.has(one)),
  };
}

export function standingOf({ issued, expires, breakGlass }: Grant, at: number): Standing {
  if (at < issued) return "not yet";
  if (at >= expires) return "expired";
  return breakGlass === undefined ? "in force" : "dormant";
}

function byGrant(uses: readonly Use[]): ReadonlyMap<string, readonly Use[]> {
  return Map.groupBy(uses, ({ grant }) => grant);
}

export interface ReachedRow extends AccessRow {
  readonly use: Use | undefined;
}

export interface GrantChange extends ProvenanceChange {
  /** When the release that has it came into force, and the record of that. */
  readonly at: string;
  readonly seq: number;
  readonly version: string;
}

export interface GrantDetail {
  readonly grant: Grant;
  readonly standing: Standing;
  readonly description: string | undefined;
  /** What it can reach now: proved over all calls, not read off the files. */
  readonly reach: readonly ReachedRow[];
  /** What it used and cannot reach any more. */
  readonly former: readonly Use[];
  readonly history: readonly GrantChange[];
  readonly tokens: readonly ListedToken[];
}

export async function grantDetail(
  { audit, state, tokens, policy }: Books,
  index: Index,
  id: string,
  at: number,
): Promise<GrantDetail | undefined> {
  const { repository, loaded } = await policy.current();
  const grant = own(repository.grants, id);
  if (grant === undefined) return undefined;
  const uses = byGrant(useOf(index)).get(id) ?? [];
  const rows = access(repository, at, { grant: id }).rows;
  const isOf = (row: AccessRow, use: Use): boolean =>
    use.server === row.server && use.target === (row.tool === "" ? row.method : row.tool);
  return {
    grant,
    standing: standingOf(grant, at),
    description: loaded.grants.get(id)?.located.value.description,
    reach: rows.map((row) => ({ ...row, use: uses.find((use) => isOf(row, use)) })),
    former: uses.filter((use) => !rows.some((row) => isOf(row, use) && row.access !== "none")),
    history: historyOf(id, { log: audit.log, state, index }),
    tokens: listTokens(
      (await tokens.list()).filter((one) => one.grant === id),
      repository,
      at,
    ),
  };
}

const MAX_RELEASES = 500;

/** The changes of a grant, by the releases that came into force with them; newest first. */
function historyOf(
  grant: string,
  { log, state, index }: { readonly log: string; readonly state: string; readonly index: Index },
): readonly GrantChange[] {
  const origins = recordedOrigins(state);
  const activated = query(
    log,
    index,
    { kind: "policy", rule: "activated" },
    { limit: MAX_RELEASES },
  );
  const changes = activated.records.toReversed().flatMap(({ record }): GrantChange[] => {
    if (record.kind !== "policy" || record.bundle === undefined) return [];
    const { bundle, at, seq } = record;
    const asked = { grant, policy: null, rule: "", method: "", tool: "", bundle };
    const change = origins(asked)?.grant;
    return change === null || change === undefined
      ? []
      : [{ ...change, at, seq, version: bundle.version }];
  });
  // A grant that a release did not touch has the change of an earlier one.
  return changes
    .filter((one, i) => changes.findIndex(({ commit }) => commit === one.commit) === i)
    .toReversed();
}
