/**
 * One audit record: what it may say, and its canonical text.
 *
 * A record is one JSON object in the canonical form of RFC 8785. The builders write the members in
 * canonical order, so that JSON.stringify gives the canonical text; a property test compares. What a
 * record may never hold: argument values, tokens, message texts, URIs. Patients stand in it by
 * pseudonym only.
 *
 * The law asks for it in 45 CFR §164.312(b) (audit controls).
 */

/** 64 lower-case hexadecimal digits. */
export type Hex64 = string;

export type Verdict = "allow" | "deny";

/** What every entry says beside its kind. `undefined` members are left out of the record. */
interface EntryBase {
  /** Epoch milliseconds. */
  readonly at: number;
  /** A UUID; a fresh one when absent. */
  readonly id?: string | undefined;
}

/** Which patients a call names: some, none by the tool's label, or it cannot be told. */
export type SubjectKnowledge = "named" | "none" | "unknown";

/** What a call took from a limit; patients by pseudonym. */
export type QuotaTaken =
  | { readonly key: string; readonly amount: number }
  | { readonly key: string; readonly subjects: readonly Hex64[] };

export interface PolicyRef {
  readonly name: string;
  readonly digest: string;
}

/** The set of policies that decided: where it came from, and what was reviewed. */
export interface BundleRef {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly commit?: string | undefined;
  /** Of the file in which the release says where each grant and rule comes from. */
  readonly provenance?: string | undefined;
  /** Nobody had vouched for it lately. */
  readonly stale?: true | undefined;
}

/** A call was judged. Written before anything is forwarded. */
export interface DecisionEntry extends EntryBase {
  readonly kind: "decision";
  readonly grant: string;
  readonly principal: string;
  /** The person who answers for an agent or a service. */
  readonly responsible?: string | undefined;
  readonly purpose: string;
  readonly server: string;
  readonly method: string;
  /** "" when the method calls no tool. */
  readonly tool: string;
  /** Top-level argument names that the pinned schema knows, sorted. Never values. */
  readonly argKeys: readonly string[];
  /** How many other arguments there were. */
  readonly argsOther: number;
  /** Pseudonyms of the patients that the call names. */
  readonly subjects: readonly Hex64[];
  readonly subject: SubjectKnowledge;
  readonly volume: "single" | "chart" | "bulk";
  readonly ephi: boolean;
  readonly effect: "read" | "write" | "destructive" | "execute" | "financial";
  readonly verdict: Verdict;
  /** The rule that decided; "" for an allowed call. */
  readonly rule: string;
  /** `reasonCode(rule)`. */
  readonly code: string;
  readonly policy: PolicyRef | null;
  readonly bundle: BundleRef | null;
  readonly quota: readonly QuotaTaken[];
  readonly session?: string | undefined;
  readonly request?: string | undefined;
  readonly trace?: string | undefined;
  /** The id of the first decision of a call in several rounds. */
  readonly round?: string | undefined;
  /** The id of the opening under which an emergency grant was used. */
  readonly emergency?: string | undefined;
  /** It was only watched: it would have been denied, and was forwarded. */
  readonly monitor?: true | undefined;
}

/** What became of an allowed call. A decision without one has an unknown result. */
export interface OutcomeEntry extends EntryBase {
  readonly kind: "outcome";
  /** The id of the decision's record. */
  readonly decision: string;
  readonly status: "ok" | "tool_error" | "upstream_error" | "cancelled" | "unknown";
  /** Latency in milliseconds. */
  readonly ms: number;
  /** Size of the result. */
  readonly bytes: number;
  /** How many items the result has. */
  readonly items: number;
  /** Pseudonyms of the patients in the result, where the catalogue says where they stand. */
  readonly resultSubjects: readonly Hex64[];
  /** The quota of the decision was given back. */
  readonly refunded?: true | undefined;
}

/** Something came in without a valid identity or form, and went no further. */
export interface RejectedEntry extends EntryBase {
  readonly kind: "rejected";
  readonly code: string;
  readonly transport: "http" | "stdio";
  readonly grant?: string | undefined;
  readonly server?: string | undefined;
  /** A known method; a hash of an unknown one. */
  readonly method?: string | undefined;
  /** A known tool; a hash of an unknown one. */
  readonly tool?: string | undefined;
  /** The first 12 hexadecimal digits of the token's hash. */
  readonly token?: string | undefined;
  readonly remote?: string | undefined;
  readonly session?: string | undefined;
  /** How many alike were folded into this one. */
  readonly count?: number | undefined;
}

/** Somebody administers the gateway, or it starts and stops. */
export interface AdminEntry extends EntryBase {
  readonly kind: "admin";
  /** Such as `token.issued` or `gateway.started`. */
  readonly action: string;
  readonly by?: string | undefined;
  readonly grant?: string | undefined;
  readonly principal?: string | undefined;
  /** The first 12 hexadecimal digits of the token's hash. */
  readonly token?: string | undefined;
  /** RFC 3339. */
  readonly expires?: string | undefined;
  /** A unique id of the event: a second record with it tells of the same. */
  readonly event?: string | undefined;
  readonly details?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** The policy in force changed, or did not although it was meant to. */
export interface PolicyEntry extends EntryBase {
  readonly kind: "policy";
  readonly event:
    | "activated"
    | "refused"
    | "stale"
    | "rolled_back"
    | "halted"
    | "quarantined"
    | "released"
    | "drift";
  readonly bundle?: BundleRef | undefined;
  /** The check that refused. */
  readonly check?: string | undefined;
  readonly server?: string | undefined;
  readonly tool?: string | undefined;
}

/** The chain so far, signed. */
export interface CheckpointEntry extends EntryBase {
  readonly kind: "checkpoint";
  readonly origin: string;
  /** How many records the chain has before this one. */
  readonly count: number;
  /** The hash of the last of them. */
  readonly root: Hex64;
  readonly keyId: string;
  /** The signed note (C2SP signed-note), as it is published. */
  readonly note: string;
}

export type Entry =
  | DecisionEntry
  | OutcomeEntry
  | RejectedEntry
  | AdminEntry
  | PolicyEntry
  | CheckpointEntry;
export type Kind = Entry["kind"];

/** What the log adds to an entry. */
export interface Added {
  /** 1, 2, 3 … for each node's chain; it never starts again. */
  readonly seq: number;
  readonly id: string;
  /** RFC 3339, UTC, with milliseconds. */
  readonly at: string;
  readonly node: string;
  /** The hash of the record before; of the first one, 256 random bits. */
  readonly prev: Hex64;
  readonly hash: Hex64;
  /** Written by a gateway in development mode. */
  readonly dev?: true;
}

type Stored<E extends Entry> = Omit<E, "at" | "id"> & Added;
export type DecisionRecord = Stored<DecisionEntry>;
export type OutcomeRecord = Stored<OutcomeEntry>;
export type RejectedRecord = Stored<RejectedEntry>;
export type AdminRecord = Stored<AdminEntry>;
export type PolicyRecord = Stored<PolicyEntry>;
export type CheckpointRecord = Stored<CheckpointEntry>;
/** A record as it stands in the log. */
export type AuditRecord =
  | DecisionRecord
  | OutcomeRecord
  | RejectedRecord
  | AdminRecord
  | PolicyRecord
  | CheckpointRecord;

/** Where a record stands in its chain. */
export interface Position {
  readonly node: string;
  readonly seq: number;
  readonly prev: Hex64;
  readonly dev: true | undefined;
}

/** The canonical text of a record without its `hash`. */
export function recordText(entry: Entry, id: string, position: Position): string {
  return JSON.stringify(members(entry, id, position));
}

/** The members in canonical order. JSON.stringify leaves out what is undefined. */
function members(entry: Entry, id: string, { node, seq, prev, dev }: Position): object {
  const at = new Date(entry.at).toISOString();
  switch (entry.kind) {
    case "decision":
      return {
        argKeys: entry.argKeys,
        argsOther: entry.argsOther,
        at,
        bundle: bundleMembers(entry.bundle),
        code: entry.code,
        dev,
        effect: entry.effect,
        emergency: entry.emergency,
        ephi: entry.ephi,
        grant: entry.grant,
        id,
        kind: "decision",
        method: entry.method,
        monitor: entry.monitor,
        node,
        policy:
          entry.policy === null ? null : { digest: entry.policy.digest, name: entry.policy.name },
        prev,
        principal: entry.principal,
        purpose: entry.purpose,
        quota: entry.quota.map(quotaMembers),
        request: entry.request,
        responsible: entry.responsible,
        round: entry.round,
        rule: entry.rule,
        seq,
        server: entry.server,
        session: entry.session,
        subject: entry.subject,
        subjects: entry.subjects,
        tool: entry.tool,
        trace: entry.trace,
        verdict: entry.verdict,
        volume: entry.volume,
      };
    case "outcome":
      return {
        at,
        bytes: entry.bytes,
        decision: entry.decision,
        dev,
        id,
        items: entry.items,
        kind: "outcome",
        ms: entry.ms,
        node,
        prev,
        refunded: entry.refunded,
        resultSubjects: entry.resultSubjects,
        seq,
        status: entry.status,
      };
    case "rejected":
      return {
        at,
        code: entry.code,
        count: entry.count,
        dev,
        grant: entry.grant,
        id,
        kind: "rejected",
        method: entry.method,
        node,
        prev,
        remote: entry.remote,
        seq,
        server: entry.server,
        session: entry.session,
        token: entry.token,
        tool: entry.tool,
        transport: entry.transport,
      };
    case "admin":
      return {
        action: entry.action,
        at,
        by: entry.by,
        details: entry.details === undefined ? undefined : sorted(entry.details),
        dev,
        event: entry.event,
        expires: entry.expires,
        grant: entry.grant,
        id,
        kind: "admin",
        node,
        prev,
        principal: entry.principal,
        seq,
        token: entry.token,
      };
    case "policy":
      return {
        at,
        bundle: bundleMembers(entry.bundle),
        check: entry.check,
        dev,
        event: entry.event,
        id,
        kind: "policy",
        node,
        prev,
        seq,
        server: entry.server,
        tool: entry.tool,
      };
    case "checkpoint":
      return {
        at,
        count: entry.count,
        dev,
        id,
        keyId: entry.keyId,
        kind: "checkpoint",
        node,
        note: entry.note,
        origin: entry.origin,
        prev,
        root: entry.root,
        seq,
      };
  }
}

function bundleMembers<N extends null | undefined>(bundle: BundleRef | N): object | N {
  return bundle === null || bundle === undefined
    ? bundle
    : {
        commit: bundle.commit,
        digest: bundle.digest,
        name: bundle.name,
        provenance: bundle.provenance,
        stale: bundle.stale,
        version: bundle.version,
      };
}

function quotaMembers(taken: QuotaTaken): object {
  return "amount" in taken
    ? { amount: taken.amount, key: taken.key }
    : { key: taken.key, subjects: taken.subjects };
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  const names = Object.keys(record).sort();
  return Object.fromEntries(names.map((name) => [name, record[name]!]));
}

/**
 * What kind of rule decided, for statistics and filters: a pointer into a policy changes with the
 * policy, its code does not.
 */
export function reasonCode(rule: string): string {
  if (rule === "") return "allowed";
  const named = /^\((.*)\)$/.exec(rule)?.[1];
  if (named !== undefined) return named.replaceAll(" ", "_");
  // The last word of the pointer, or the one before an index; a tool may be called `limits` as well.
  const word = /\/(args|require|deny_if|limits)(?:\/[0-9]+)?$/.exec(rule)?.[1];
  return word === "limits" ? "limit" : (word ?? "other");
}
