/** What the audit commands answer. Everything in a record may come from outside: it is made visible. */
import type { IndexReport } from "../audit/index/find.ts";
import type { Problem as Damage, Found } from "../audit/index/reader.ts";
import type { Page } from "../audit/query.ts";
import type { AuditRecord } from "../audit/record.ts";
import type { Problem } from "../audit/verify/problem.ts";
import type { Verification } from "../audit/verify/verify.ts";
import type { Access, PatientAccess, PossibleAccess, Who } from "../audit/who.ts";
import { csv } from "./csv.ts";
import { columns, type Paint, plural, visible } from "./paint.ts";

// --- who

export function whoJson({ accesses, possible, totals, problems }: Who, index: IndexReport): object {
  return { schema: "phiward.audit-who/1", accesses, possible, totals, index, problems };
}

export function whoText({ accesses, possible, totals, problems }: Who, paint: Paint): string {
  const lines: string[] = [];
  for (const access of accesses) lines.push(...accessLines(access, paint), "");
  lines.push(
    accesses.length === 0
      ? "no recorded call names this patient"
      : `${plural(accesses.length, "call")} of this patient: ${totals.allowed} allowed, ${totals.denied} denied`,
  );
  if (totals.possible > 0) {
    lines.push("", paint("yellow", mayHaveIncluded(totals.possible, possible.length)));
    lines.push(...columns(possible.map(possibleRow)));
  }
  return [...lines, ...damageLines(problems, paint)].join("\n");
}

function accessLines(access: PatientAccess, paint: Paint): string[] {
  const { verdict, rule, via, ephi, effect } = access;
  const judged =
    verdict === "allow"
      ? `${paint("green", "allowed")}, ${access.outcome}`
      : `${paint("red", "denied")} by ${visible(rule)}`;
  const tags = [effect, ...(ephi ? [paint("magenta", "ePHI")] : [])].join("  ");
  return [
    `${paint("bold", access.at)}  ${paint("bold", toolOf(access))}  ${judged}  ${tags}`,
    ...columns(
      [
        ["by", `${visible(access.principal)}${answering(access)}`],
        ["grant", `${visible(access.grant)}, for ${visible(access.purpose)}`],
        ["policy", policyOf(access)],
        ["approved", approvalOf(access)],
        ...(via === "result"
          ? [["patient", "in the result only; the call does not name them"]]
          : []),
        ["record", `${access.seq}  ${access.decision}${access.dev ? "  (development)" : ""}`],
      ].map(([name, value]) => [`  ${name}`, value!]),
      (text, column) => (column === 0 ? paint("dim", text) : text),
    ),
  ];
}

function toolOf({ server, tool, method }: Pick<Access, "server" | "tool" | "method">): string {
  return `${visible(server)}/${visible(tool === "" ? method : tool)}`;
}

function answering({ responsible }: Access): string {
  return responsible === null ? "" : `, for whom ${visible(responsible)} answers`;
}

function policyOf({ policy, bundle }: Access): string {
  const name = policy === null ? "none" : `${visible(policy.name)} ${short(policy.digest)}`;
  if (bundle === null) return `${name}, of no bundle`;
  const commit = bundle.commit === undefined ? "" : `, commit ${visible(bundle.commit)}`;
  return `${name}, of ${visible(bundle.name)} ${visible(bundle.version)} ${short(bundle.digest)}${commit}`;
}

function approvalOf({ pullRequest, approvers }: Access): string {
  const by = approvers.map(visible).join(", ");
  if (pullRequest === null) return "the bundle names no pull request and no approver";
  return `${visible(pullRequest)}${by === "" ? "" : ` by ${by}`}`;
}

function short(digest: string): string {
  return `${visible(digest).slice(0, 19)}…`;
}

function mayHaveIncluded(count: number, listed: number): string {
  const which = listed < count ? `; the newest ${listed}, narrow them with --from and --to` : "";
  return `${plural(count, "allowed call")} may have included this patient, and nobody can tell${which}:`;
}

function possibleRow(access: PossibleAccess): string[] {
  const { at, principal, why, outcome, seq } = access;
  return [`  ${at}`, toolOf(access), visible(principal), why, outcome ?? "", `record ${seq}`];
}

function damageLines(problems: readonly Damage[], paint: Paint): string[] {
  if (problems.length === 0) return [];
  return [
    "",
    paint("red", "the log is not what was written, so this answer may lack something:"),
    ...problems.map(({ segment, offset, says }) => `  ${segment}, byte ${offset}: ${says}`),
    `${paint("dim", "help:")} run \`phiward audit verify\``,
  ];
}

// --- query

export function queryJson({ records, next, problems }: Page, index: IndexReport): object {
  return {
    schema: "phiward.audit-query/1",
    records: records.map(queryRecord),
    ...(next === undefined ? {} : { next: String(next) }),
    index,
    problems,
  };
}

/** The record as it stands in the log; of an allowed call also what became of it. */
function queryRecord({ record, outcome }: Found): object {
  return outcome === undefined ? record : { ...record, outcome };
}

export function queryJsonLines({ records }: Page): string {
  return records.map((found) => JSON.stringify(queryRecord(found))).join("\n");
}

export function queryText({ records, next, problems }: Page, paint: Paint): string {
  const rows = records.map(({ record, outcome }) => [
    record.at,
    String(record.seq),
    record.kind,
    visible(whoseOf(record)),
    visible(whatOf(record)),
    visible(outcomeOf(record, outcome?.status)),
  ]);
  const lines =
    rows.length === 0
      ? ["no record"]
      : columns(rows, (text, column, row) => paintCell(text, column, records[row]!.record, paint));
  if (next !== undefined) {
    lines.push("", paint("dim", `there are more: --after ${next}`));
  }
  return [...lines, ...damageLines(problems, paint)].join("\n");
}

const WHAT_COLUMN = 4;
const RESULT_COLUMN = 5;

function paintCell(text: string, column: number, record: AuditRecord, paint: Paint): string {
  if (column === WHAT_COLUMN) return paint("bold", text);
  if (column !== RESULT_COLUMN || record.kind !== "decision") return text;
  return paint(record.verdict === "allow" ? "green" : "red", text);
}

function whoseOf(record: AuditRecord): string {
  switch (record.kind) {
    case "decision":
      return record.principal;
    case "rejected":
      return record.grant ?? record.token ?? "";
    case "admin":
      return record.by ?? "";
    default:
      return "";
  }
}

function whatOf(record: AuditRecord): string {
  switch (record.kind) {
    case "decision":
      return `${record.server}/${record.tool === "" ? record.method : record.tool}`;
    case "outcome":
      return `of ${record.decision}`;
    case "rejected":
      return [record.server, record.tool ?? record.method]
        .filter((one) => one !== undefined)
        .join("/");
    case "admin":
      return record.action;
    case "policy":
      return record.event;
    case "checkpoint":
      return `${record.count} records`;
  }
}

function outcomeOf(record: AuditRecord, status: string | undefined): string {
  switch (record.kind) {
    case "decision":
      return record.verdict === "deny"
        ? `denied by ${record.rule}`
        : `allowed, ${status ?? "unknown"}`;
    case "outcome":
      return `${record.status} in ${record.ms} ms`;
    case "rejected":
      return `rejected: ${record.code}${record.count === undefined ? "" : ` (${record.count} times)`}`;
    case "admin":
      return record.grant ?? "";
    case "policy":
      return record.check ?? record.bundle?.version ?? record.tool ?? "";
    case "checkpoint":
      return record.keyId;
  }
}

/** One table for all kinds: what a record has not is empty. */
const CSV_COLUMNS = [
  ...["seq", "at", "node", "kind", "id", "grant", "principal", "responsible", "purpose"],
  ...["server", "method", "tool", "effect", "ephi", "volume", "subject", "subjects"],
  ...["verdict", "rule", "code", "policy", "bundle", "commit"],
  ...["outcome", "ms", "bytes", "items", "resultSubjects"],
  ...["decision", "transport", "token", "action", "event", "by", "hash"],
] as const;

export function queryCsv({ records }: Page): string {
  return csv([
    CSV_COLUMNS,
    ...records.map(({ record, outcome }) => {
      const { policy, bundle, status, ...rest } = {
        ...outcomeCells(outcome),
        ...record,
      } as Readonly<Record<string, unknown>> & {
        readonly policy?: { readonly name: string; readonly digest: string } | null;
        readonly bundle?: { readonly version: string; readonly commit?: string } | null;
      };
      const cells: Readonly<Record<string, unknown>> = {
        ...rest,
        policy: policy === undefined || policy === null ? "" : `${policy.name} ${policy.digest}`,
        bundle: bundle?.version,
        commit: bundle?.commit,
        outcome: outcome?.status ?? status,
      };
      return CSV_COLUMNS.map((name) => cellText(cells[name]));
    }),
  ]);
}

function outcomeCells(outcome: Found["outcome"]): object {
  if (outcome === undefined) return {};
  const { ms, bytes, items, resultSubjects } = outcome;
  return { ms, bytes, items, resultSubjects };
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return Array.isArray(value) ? value.join(" ") : String(value);
}

// --- verify

/** Whose public key judged the signatures. */
export type KeySource = "given" | "own" | "none";

export function verifyJson(verification: Verification, key: KeySource): object {
  return {
    schema: "phiward.audit-verify/1",
    ...verification,
    key,
    problems: verification.problems.map(({ segment, ...rest }) => ({
      ...rest,
      segment: fileOf(segment),
    })),
  };
}

/** As the log names its files. */
function fileOf(segment: number): string {
  return `${String(segment).padStart(10, "0")}.jsonl`;
}

export function verifyText(verification: Verification, key: KeySource, paint: Paint): string {
  const { verdict, records, segments, first, last, problems, problemCount } = verification;
  const lines = problems.flatMap((problem) => problemLines(problem, paint));
  if (problemCount > problems.length) {
    lines.push(paint("dim", `  … and ${problemCount - problems.length} more`));
  }
  if (lines.length > 0) lines.push("");
  const mark = verdict === "whole" ? paint("green", "✓ whole") : paint("red", "✗ broken");
  const span = first === null || last === null ? "" : `, ${first.at} to ${last.at}`;
  lines.push(
    `${mark}: ${plural(records, "record")} in ${plural(segments, "segment")}${span}`,
    ...trustLines(verification, key).map((line) => `  ${line}`),
  );
  return lines.join("\n");
}

function problemLines({ kind, segment, line, offset, says }: Problem, paint: Paint): string[] {
  const place = paint("bold", `${fileOf(segment)}:${line}`);
  return [
    `${place}  ${paint(kind === "torn" ? "yellow" : "red", kind)}  ${visible(says)}  ${paint("dim", `byte ${offset}`)}`,
  ];
}

/** What the verdict rests on, and what it cannot say. */
function trustLines({ checkpoints, origin }: Verification, key: KeySource): string[] {
  const { inLog, verified, unverified, witnesses } = checkpoints;
  const kept = witnesses.slice(OWN_WITNESSES);
  const signatures =
    key === "none"
      ? `${plural(unverified, "signature")} not checked: no public key is here; give one with --public-key`
      : `${plural(verified, "signature")} checked with ${key === "given" ? "the key that was given" : "the log's own key, which is its own word: give one that was kept elsewhere with --public-key"}`;
  return [
    `chain ${origin === null ? "without its beginning" : visible(origin)}, ${plural(inLog, "checkpoint")}`,
    signatures,
    ...kept.map(({ name, agreed }) => `${visible(name)}: ${plural(agreed, "checkpoint")} agreed`),
    ...(kept.length === 0
      ? [
          "nothing outside the folder was asked: give checkpoints that were kept elsewhere with --checkpoint",
        ]
      : []),
  ];
}

/** The notes beside the log, and its index. */
const OWN_WITNESSES = 2;
