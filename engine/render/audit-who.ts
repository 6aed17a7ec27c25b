/** Who accessed a patient's record. Everything in a record may come from outside: it is made visible. */
import type { IndexReport } from "../audit/index/find.ts";
import type { Access, PatientAccess, PossibleAccess, Who } from "../audit/who.ts";
import { damageLines } from "./audit-damage.ts";
import { csv } from "./csv.ts";
import { originRows } from "./origin.ts";
import { columns, type Paint, plural, visible } from "./paint.ts";

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
      ? `${paint("green", "allowed")}, ${visible(access.outcome ?? "")}${access.monitor ? `, would be denied by ${visible(rule)}` : ""}`
      : `${paint("red", "denied")} by ${visible(rule)}`;
  const tags = [visible(effect), ...(ephi ? [paint("magenta", "ePHI")] : [])].join("  ");
  return [
    `${paint("bold", visible(access.at))}  ${paint("bold", toolOf(access))}  ${judged}  ${tags}`,
    ...columns(
      [
        ["by", `${visible(access.principal)}${answering(access)}`],
        ["grant", `${visible(access.grant)}, for ${visible(access.purpose)}`],
        ...(access.emergency === null
          ? []
          : [["emergency", `opened as ${visible(access.emergency)}`]]),
        ["policy", policyOf(access)],
        ...originOfAccess(access),
        ...(via === "result"
          ? [["patient", "in the result only; the call does not name them"]]
          : []),
        [
          "record",
          `${access.seq}  ${visible(access.decision)}${access.dev ? "  (development)" : ""}`,
        ],
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

function originOfAccess({ origin, bundle }: Access): readonly (readonly [string, string])[] {
  if (origin !== null) return originRows(origin);
  const why =
    bundle?.provenance === undefined
      ? "the bundle names no pull request and no approver"
      : "what the release says of its pull requests is not in the state folder any more";
  return [["approved", why]];
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
  const end = visible(outcome ?? "");
  return [`  ${visible(at)}`, toolOf(access), visible(principal), why, end, `record ${seq}`];
}

const CSV_COLUMNS = [
  ...["seq", "at", "concerns", "principal", "responsible", "grant", "purpose", "server", "method"],
  ...["tool", "effect", "ephi", "verdict", "rule", "monitor", "emergency", "outcome"],
  ...["policy", "release", "commit"],
  ...["pullRequest", "approvers", "decision"],
] as const;

/** The accesses, and after them the calls that may have included the patient: `concerns` tells them apart. */
export function whoCsv({ accesses, possible }: Who): string {
  return csv([
    CSV_COLUMNS,
    ...accesses.map((access) => csvRow(access, access.via)),
    ...possible.map((access) => csvRow(access, `possibly: ${access.why}`)),
  ]);
}

function csvRow(access: Access, concerns: string): readonly string[] {
  const { policy, bundle, approvers } = access;
  const cells: Readonly<Record<string, unknown>> = {
    ...access,
    concerns,
    policy: policy?.name,
    release: bundle?.version,
    commit: bundle?.commit,
    approvers: approvers.join(" "),
  };
  return CSV_COLUMNS.map((name) => String(cells[name] ?? ""));
}
