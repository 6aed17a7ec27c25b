/** The tables of the folder: each a CSV file, of which a page shows the first rows. */
import { compareText } from "../finding.ts";
import { type Facts, records, type Table } from "./facts.ts";
import type { Count } from "./tally.ts";

type Make = (facts: Facts) => Omit<Table, "file">;

/** By their file. */
export const TABLES = {
  "data/grants.csv": ({ registry }) => ({
    caption: "Every grant of the policies in force.",
    head: [
      ...["grant", "principal", "kind", "responsible", "purpose", "justification", "access"],
      ...["authentication", "issued", "expires", "in force", "last review", "reviewed by"],
      ...["emergency access", "reaches all", "reaches under conditions", "of these ePHI"],
      ...["live tokens", "calls", "denied", "last use", "commit", "pull request", "approvers"],
    ],
    rows: registry.map((row) => [
      ...[row.grant, row.principal, row.kind, row.responsible, row.purpose, row.justification],
      ...[row.access.join("; "), row.authentication, row.issued, row.expires, yes(row.inForce)],
      ...[row.lastReview, row.reviewedBy, row.emergency],
      ...[row.reaches.all, row.reaches.conditional, row.reaches.ephi].map(String),
      ...[row.liveTokens === undefined ? "" : String(row.liveTokens), String(row.calls)],
      ...[String(row.denied), row.lastUse, row.commit, row.pullRequest, row.approvers.join(", ")],
    ]),
  }),
  "data/effective-access.csv": ({ access }) => ({
    caption: "What each grant reaches: every tool and method of its servers, by proof.",
    head: [
      ...["grant", "principal", "server", "tool or method", "access", "ePHI", "effect"],
      ...["conditions", "valid from", "valid until", "not proved further"],
    ],
    rows: access.rows.map((row) => [
      ...[row.grant, row.principal, row.server, row.tool === "" ? row.method : row.tool],
      ...[row.access, yes(row.ephi), row.effect, row.conditions.join("; ")],
      ...[row.validFrom, row.validUntil, row.unproved ?? ""],
    ]),
  }),
  "data/access-history.csv": ({ history }) => ({
    caption: "How access came and went, oldest first, from the beginning of the log.",
    head: [
      ...["time", "record", "what", "grant", "principal", "token", "by", "expires"],
      ...["release", "commit", "pull request", "approvers"],
    ],
    rows: history.access.map((one) => [
      ...[one.at, `#${one.seq}`, one.what, one.grant, one.principal, one.token, one.by],
      ...[one.expires, one.release, one.commit, one.pullRequest, one.approvers.join(", ")],
    ]),
  }),
  "data/tokens.csv": ({ tokens = [] }) => ({
    caption: "Grant tokens that are kept on the gateway's machine. Only their hashes are kept.",
    head: ["token", "grant", "principal", "state", "made", "made by", "expires", "replaces"],
    rows: tokens.map((one) => [
      ...[one.id, one.grant, one.principal, one.state, one.created, one.createdBy ?? ""],
      ...[one.expires, one.replaces ?? ""],
    ]),
  }),
  "data/servers.csv": ({ servers }) => ({
    caption: "Every server that agents can be granted, with its vendor and agreement.",
    head: [
      ...["server", "vendor", "agreement", "signed", "expires", "in force", "transport"],
      ...["credential", "tools", "of these ePHI", "pinned", "calls", "ePHI calls"],
    ],
    rows: servers.map((one) => [
      ...[one.server, one.vendor, one.baa, one.signed, one.expires, yes(one.inForce)],
      ...[one.transport, one.credential],
      ...[one.tools, one.ephiTools, one.pinned, one.calls, one.ephiCalls].map(String),
    ]),
  }),
  "data/connections.csv": ({ connections }) => ({
    caption: "Every connection that the configuration and the policies name.",
    head: ["leg", "what", "address", "protection", "protected"],
    rows: connections.map((one) => [
      ...[one.leg, one.what, one.address, one.protection, yes(one.protected)],
    ]),
  }),
  "data/releases.csv": ({ history }) => ({
    caption: "Releases that came into force or were refused, and stops, oldest first.",
    head: ["time", "record", "event", "version", "digest", "commit", "check or tool"],
    rows: history.releases.map((one) => [
      ...[one.at, `#${one.seq}`, one.again ? "started again" : one.event],
      ...[one.version, one.digest, one.commit, one.what],
    ]),
  }),
  "data/policy-changes.csv": ({ history }) => ({
    caption: "Changes of grants and rules, with the release that brought each into force.",
    head: [
      ...["in force since", "record", "release", "commit", "pull request", "says who"],
      ...["approvers", "grants", "rules"],
    ],
    rows: history.changes.map((one) => [
      ...[one.at, `#${one.seq}`, one.release, one.commit, one.pullRequest, one.from],
      ...[one.approvers.join(", "), one.grants.join("; "), one.rules.join("; ")],
    ]),
  }),
  "data/emergency-stops.csv": ({ inForce }) => ({
    caption: "Emergency stops: they can only deny.",
    head: ["number", "issued", "reason", "stops"],
    rows: inForce.halts.map(({ sequence, issued, reason, deny }) => [
      ...[String(sequence), issued, reason, JSON.stringify(deny)],
    ]),
  }),
  "data/emergency-access.csv": ({ history }) => ({
    caption: "Emergency access that was opened, and the review of each.",
    head: [
      ...["opened", "record", "opening", "grant", "opened by", "reason", "until"],
      ...["closed", "closed by", "reviewed", "reviewed by"],
    ],
    rows: history.openings.map((one) => [
      ...[one.at, `#${one.seq}`, one.opening, one.grant, one.by, one.reason, one.until],
      ...[one.closed, one.closedBy, one.reviewed, one.reviewedBy],
    ]),
  }),
  "data/findings.csv": ({ review }) => ({
    caption: "What the activity report found, the gravest first.",
    head: ["severity", "what", "says", "identity", "records", "rule", "command"],
    rows: review.findings.map((one) => [
      ...[one.severity, one.title, one.says.replaceAll("`", ""), one.principal ?? ""],
      ...[records(one.records.slice(0, 5)), one.rule, one.command],
    ]),
  }),
  "data/activity-reviews.csv": ({ history }) => ({
    caption: "Reviews of activity that a person signed.",
    head: ["signed", "record", "by", "from", "to", "findings", "report", "note"],
    rows: history.activityReviews.map(({ at, seq, by, details }) => [
      ...[at, `#${seq}`, by],
      ...["from", "to", "findings", "report", "note"].map((name) => said(details[name])),
    ]),
  }),
  "data/access-reviews.csv": ({ history }) => ({
    caption: "Reviews of granted access that a person signed.",
    head: ["signed", "record", "by", "commit", "grants", "revoke", "narrow", "digest", "note"],
    rows: history.accessReviews.map(({ at, seq, by, details }) => [
      ...[at, `#${seq}`, by],
      ...["commit", "grants", "revoke", "narrow", "digest", "note"].map((name) =>
        said(details[name]),
      ),
    ]),
  }),
  "data/operations.csv": ({ history }) => ({
    caption: "Starts, stops, recoveries, archives, restores and exports, oldest first.",
    head: ["time", "record", "what", "by", "details"],
    rows: history.operations.map(({ at, seq, action, by, details }) => [
      ...[at, `#${seq}`, action, by],
      Object.entries(details)
        .map(([name, value]) => `${name}: ${value}`)
        .join("; "),
    ]),
  }),
  "data/principals.csv": ({ tally }) => ({
    caption: "Calls of the period by identity.",
    head: ["principal", "responsible", ...COUNT_HEAD],
    rows: tally.byPrincipal.map((one) => [one.principal, one.responsible, ...countCells(one)]),
  }),
  "data/tools.csv": ({ tally }) => ({
    caption: "Calls of the period by tool.",
    head: ["server", "tool or method", "effect", "ePHI", ...COUNT_HEAD],
    rows: tally.byTool.map((one) => [
      ...[one.server, one.tool, one.effect, yes(one.ephi), ...countCells(one)],
    ]),
  }),
  "data/denials.csv": ({ tally }) => ({
    caption: "Denials of the period by the rule that decided.",
    head: ["kind of rule", "policy", "rule", "server", "tool or method", ...COUNT_HEAD],
    rows: tally.denials.map((one) => [
      ...[one.code, one.policy, one.rule, one.server, one.tool, ...countCells(one)],
    ]),
  }),
  "data/rejected.csv": ({ tally }) => ({
    caption: "What arrived without a valid identity or form, and went no further.",
    head: ["why", "grant", "messages", "first", "last", "records"],
    rows: tally.rejected.map((one) => [
      ...[one.code, one.grant, String(one.count), one.first, one.last, records(one.samples)],
    ]),
  }),
  "data/days.csv": ({ tally }) => ({
    caption: "Calls by day (UTC).",
    head: ["day", "calls", "allowed", "denied", "rejected"],
    rows: tally.byDay.map(({ day, allowed, denied, count }) => [
      ...[day, ...[allowed + denied, allowed, denied, count - allowed - denied].map(String)],
    ]),
  }),
} as const satisfies Readonly<Record<string, Make>>;

export type TableFile = keyof typeof TABLES;

export const TABLE_FILES = (Object.keys(TABLES) as TableFile[]).sort(compareText);

const COUNT_HEAD = ["calls", "allowed", "denied", "first", "last", "records"];

function countCells(one: Count): string[] {
  return [
    ...[one.count, one.allowed, one.denied].map(String),
    ...[one.first, one.last, records(one.samples)],
  ];
}

function yes(value: boolean): string {
  return value ? "yes" : "no";
}

function said(value: string | number | boolean | undefined): string {
  return value === undefined ? "" : String(value);
}

/** A table whole. */
export function wholeTable(file: TableFile, facts: Facts): Table {
  return { ...TABLES[file](facts), file };
}

/** A table with some of its columns, for a page. */
export function tableOf(
  file: TableFile,
  facts: Facts,
  columns?: readonly string[],
): { readonly kind: "table"; readonly table: Table } {
  const whole = wholeTable(file, facts);
  if (columns === undefined) return { kind: "table", table: whole };
  const places = columns.map((name) => whole.head.indexOf(name));
  const choose = (row: readonly string[]): string[] => places.map((place) => row[place]!);
  return { kind: "table", table: { ...whole, head: columns, rows: whole.rows.map(choose) } };
}
