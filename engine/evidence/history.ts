/**
 * How access came and went: what the log says of releases, tokens and signatures, joined with what each
 * release says of where its grants and rules come from. All of it up to the end of the period, because
 * access in a period was mostly given before it.
 */
import type { AdminRecord, PolicyRecord } from "../audit/record.ts";
import type { ProvenanceChange, ProvenanceFile } from "../schema/types.ts";

/** A record of the log, by which a statement can be looked up. */
export interface Reference {
  readonly at: string;
  readonly seq: number;
}

export interface ReleaseEvent extends Reference {
  readonly event: PolicyRecord["event"];
  readonly version: string;
  readonly digest: string;
  readonly commit: string;
  /** A gateway that starts again with the release that it had brings nothing new. */
  readonly again: boolean;
  /** What was refused by, or what was quarantined or drifted. */
  readonly what: string;
}

/** A change of policies that a release brought, as far as its provenance names it first. */
export interface PolicyChange {
  /** The release with which it came into force, and when. */
  readonly release: string;
  readonly at: string;
  readonly seq: number;
  readonly commit: string;
  readonly pullRequest: string;
  /** Who says so: the gate's report, or the commit's message alone. */
  readonly from: string;
  readonly approvers: readonly string[];
  readonly grants: readonly string[];
  readonly rules: readonly string[];
}

export const ACCESS_EVENTS = [
  "grant added",
  "grant changed",
  "grant removed",
  "token issued",
  "token rotated",
  "token revoked",
  "token orphaned",
  "identity barred",
] as const;

export interface AccessEvent extends Reference {
  readonly what: (typeof ACCESS_EVENTS)[number];
  readonly grant: string;
  readonly principal: string;
  readonly token: string;
  readonly by: string;
  readonly expires: string;
  /** For a grant: the release, its commit, and who approved the change. */
  readonly release: string;
  readonly commit: string;
  readonly pullRequest: string;
  readonly approvers: readonly string[];
}

export interface SignOff extends Reference {
  readonly action: string;
  readonly by: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

export interface OpeningHistory extends Reference {
  readonly opening: string;
  readonly grant: string;
  readonly by: string;
  readonly reason: string;
  readonly until: string;
  readonly closed: string;
  readonly closedBy: string;
  readonly reviewed: string;
  readonly reviewedBy: string;
}

export interface History {
  readonly releases: readonly ReleaseEvent[];
  readonly changes: readonly PolicyChange[];
  /** Oldest first. */
  readonly access: readonly AccessEvent[];
  readonly activityReviews: readonly SignOff[];
  readonly accessReviews: readonly SignOff[];
  readonly openings: readonly OpeningHistory[];
  readonly refusedOpenings: readonly SignOff[];
  /** Exports, archives, recoveries, restores. */
  readonly operations: readonly SignOff[];
}

export interface HistoryInput {
  /** Oldest first. */
  readonly admin: readonly AdminRecord[];
  readonly policy: readonly PolicyRecord[];
  /** What a release says of its origins, by digest; undefined when it is not kept. */
  readonly provenance: (digest: string) => ProvenanceFile | undefined;
  /** Of a grant that the policies in force have. */
  readonly principalOf: (grant: string) => string;
}

const TOKEN_EVENTS: Readonly<Record<string, AccessEvent["what"]>> = {
  "token.issued": "token issued",
  "token.rotated": "token rotated",
  "token.revoked": "token revoked",
  "token.orphaned": "token orphaned",
  "identity.barred": "identity barred",
};
const OPERATIONS = /^(log|state|node|evidence|audit|gateway)\./;

export function historyOf(input: HistoryInput): History {
  const admin = once(input.admin);
  const { changes, grants } = byRelease(input);
  const again = startedAgain(input.policy);
  const of = (action: string): readonly SignOff[] =>
    admin.filter((record) => record.action === action).map(signOff);
  return {
    releases: input.policy.map((record) => ({
      ...releaseEvent(record),
      again: again.has(record),
    })),
    changes,
    access: [...grants, ...admin.flatMap(tokenEvent)].sort((a, b) => a.seq - b.seq),
    activityReviews: of("review.activity"),
    accessReviews: of("review.access"),
    openings: openingsOf(admin),
    refusedOpenings: of("emergency.refused"),
    operations: admin.filter(({ action }) => OPERATIONS.test(action)).map(signOff),
  };
}

/** An event may be recorded twice after a crash; its id tells. */
function once(admin: readonly AdminRecord[]): readonly AdminRecord[] {
  const seen = new Set<string>();
  return admin.filter(({ event }) => {
    if (event === undefined) return true;
    if (seen.has(event)) return false;
    seen.add(event);
    return true;
  });
}

/** Activations of the release that ran already. */
function startedAgain(records: readonly PolicyRecord[]): ReadonlySet<PolicyRecord> {
  let running: string | undefined;
  return new Set(
    records.filter(({ event, bundle }) => {
      if (event !== "activated" || bundle === undefined) return false;
      const same = bundle.digest === running;
      running = bundle.digest;
      return same;
    }),
  );
}

function releaseEvent(record: PolicyRecord): Omit<ReleaseEvent, "again"> {
  const { seq, at, event, bundle, check, server, tool } = record;
  const named = [server, tool].filter((one) => one !== undefined).join("/");
  return {
    seq,
    at,
    event,
    version: bundle?.version ?? "",
    digest: bundle?.digest ?? "",
    commit: bundle?.commit ?? "",
    what: check ?? named,
  };
}

/** What each activated release added, changed and removed, against the one before it that is known. */
function byRelease({ policy, provenance, principalOf }: HistoryInput): {
  readonly changes: readonly PolicyChange[];
  readonly grants: readonly AccessEvent[];
} {
  const changes: PolicyChange[] = [];
  const grants: AccessEvent[] = [];
  let before: ProvenanceFile | undefined;
  const seen = new Set<string>();
  const again = startedAgain(policy);
  for (const record of policy) {
    const digest = record.event === "activated" ? record.bundle?.provenance : undefined;
    const file = digest === undefined ? undefined : provenance(digest);
    if (file === undefined) continue;
    grants.push(...grantEvents(record, before, file, principalOf));
    const fresh = [...file.changes.entries()].filter(([, { commit }]) => !seen.has(commit));
    for (const [, { commit }] of fresh) seen.add(commit);
    changes.push(...fresh.map(([index, change]) => policyChange(record, file, change, index)));
    // Of what was taken out nothing is left that could name its change.
    if (fresh.length === 0 && !again.has(record)) changes.push(namelessChange(record));
    before = file;
  }
  return { changes, grants };
}

function grantEvents(
  record: PolicyRecord,
  before: ProvenanceFile | undefined,
  after: ProvenanceFile,
  principalOf: HistoryInput["principalOf"],
): AccessEvent[] {
  const old = before?.grants ?? {};
  const ids = [...new Set([...Object.keys(old), ...Object.keys(after.grants)])].sort();
  return ids.flatMap((grant): AccessEvent[] => {
    const [was, is] = [changeAt(before, old[grant]), changeAt(after, after.grants[grant])];
    if (was?.commit === is?.commit) return [];
    const what =
      was === undefined ? "grant added" : is === undefined ? "grant removed" : "grant changed";
    return [
      {
        seq: record.seq,
        at: record.at,
        what,
        grant,
        principal: principalOf(grant),
        token: "",
        by: "",
        expires: "",
        release: record.bundle?.version ?? "",
        // Of a removal the release's own commit is what is known.
        commit: is?.commit ?? record.bundle?.commit ?? "",
        pullRequest: is?.pullRequest === undefined ? "" : String(is.pullRequest.number),
        approvers: is?.approvers.map(({ name }) => name) ?? [],
      },
    ];
  });
}

function changeAt(
  file: ProvenanceFile | undefined,
  index: number | undefined,
): ProvenanceChange | undefined {
  return index === undefined ? undefined : file?.changes[index];
}

function policyChange(
  { seq, at, bundle }: PolicyRecord,
  file: ProvenanceFile,
  { commit, pullRequest, approvers }: ProvenanceChange,
  index: number,
): PolicyChange {
  return {
    release: bundle?.version ?? "",
    at,
    seq,
    commit,
    pullRequest: pullRequest === undefined ? "" : String(pullRequest.number),
    from: pullRequest?.from ?? "",
    approvers: approvers.map(({ name }) => name),
    grants: Object.keys(file.grants).filter((id) => file.grants[id] === index),
    rules: Object.entries(file.policies).flatMap(([policy, rules]) =>
      Object.keys(rules)
        .filter((rule) => rules[rule] === index)
        .map((rule) => `${policy} ${rule}`),
    ),
  };
}

/** Something was taken out, or a server, a pin or a label changed: the release's commit is what is known. */
function namelessChange({ seq, at, bundle }: PolicyRecord): PolicyChange {
  return {
    release: bundle?.version ?? "",
    at,
    seq,
    commit: bundle?.commit ?? "",
    pullRequest: "",
    from: "",
    approvers: [],
    grants: [],
    rules: [],
  };
}

function tokenEvent(record: AdminRecord): AccessEvent[] {
  const what = TOKEN_EVENTS[record.action];
  if (what === undefined) return [];
  const { seq, at, grant = "", principal = "", token = "", by = "", expires = "" } = record;
  const none = { release: "", commit: "", pullRequest: "", approvers: [] };
  return [{ seq, at, what, grant, principal, token, by, expires, ...none }];
}

function signOff({ seq, at, action, by = "", details = {} }: AdminRecord): SignOff {
  return { seq, at, action, by, details };
}

/** Each opening with how it ended, and the review that it waits for until a person signs. */
function openingsOf(admin: readonly AdminRecord[]): readonly OpeningHistory[] {
  const about = (action: string): ReadonlyMap<string, AdminRecord> =>
    new Map(
      admin
        .filter((record) => record.action === action)
        .map((record) => [String(record.details?.opening ?? ""), record]),
    );
  const closed = about("emergency.closed");
  const reviewed = about("review.emergency");
  return admin
    .filter(({ action }) => action === "emergency.opened")
    .map(({ seq, at, grant = "", by = "", details = {} }) => {
      const opening = String(details.opening ?? "");
      return {
        seq,
        at,
        opening,
        grant,
        by,
        reason: String(details.reason ?? ""),
        until: String(details.until ?? ""),
        closed: closed.get(opening)?.at ?? "",
        closedBy: closed.get(opening)?.by ?? String(closed.get(opening)?.details?.reason ?? ""),
        reviewed: reviewed.get(opening)?.at ?? "",
        reviewedBy: reviewed.get(opening)?.by ?? "",
      };
    });
}
