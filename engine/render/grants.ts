/** The registry of grants, what of it is unused, and the sheet of a review. */
import type { GrantRow } from "../review/grants/registry.ts";
import type { UnusedReport } from "../review/grants/unused.ts";
import { csv } from "./csv.ts";
import { page, text } from "./html.ts";
import { columns, type Paint, plural, visible } from "./paint.ts";
import { unifiedDiff } from "./patch.ts";

/** The registry at a time. */
export interface Registry {
  /** RFC 3339. */
  readonly at: string;
  /** The digest of the policies. */
  readonly repository: string;
  /** Calls are counted since then; null without a log. */
  readonly since: string | null;
  readonly rows: readonly GrantRow[];
}

export function grantListJson({ at, repository, since, rows }: Registry): object {
  return { schema: "phiward.grant-list/1", at, repository, since, grants: rows };
}

export function grantListText({ rows, since }: Registry, paint: Paint): string {
  if (rows.length === 0) return "there is no grant";
  const head = [
    "grant",
    "principal",
    "reaches",
    "expires",
    "reviewed",
    "tokens",
    "last used",
    "calls",
  ];
  const cells = rows.map((row) => [
    visible(row.grant),
    visible(row.principal),
    reachText(row),
    row.state === "in force" ? row.expires : `${row.expires} ${row.state}`,
    row.lastReview === null
      ? "never"
      : `${row.lastReview.on}${row.signature === null ? "" : " signed"}`,
    row.tokens === null ? "–" : String(row.tokens.live),
    row.lastUsed === null ? "never" : row.lastUsed.slice(0, 10),
    row.calls === null ? "–" : row.calls.all.toLocaleString("en"),
  ]);
  const lines = columns([head, ...cells], (cell, column, row) => {
    if (row === 0) return paint("dim", cell);
    const of = rows[row - 1]!;
    if (column === 0) return paint("bold", cell);
    if (column === 3 && of.state !== "in force") return paint("yellow", cell);
    return cell;
  });
  const counted =
    since === null
      ? "without an audit log nothing is known of their use"
      : `calls since ${since.slice(0, 10)}`;
  return [...lines, "", paint("dim", `${plural(rows.length, "grant")}; ${counted}`)].join("\n");
}

function reachText({ reach, audit }: GrantRow): string {
  const tools = reach.all + reach.conditional;
  const parts = [
    ...(tools === 0 ? [] : [`${tools} (${reach.ephi} patient data)`]),
    ...(audit === null ? [] : [`audit: ${audit}`]),
  ];
  return parts.join(", ") || "nothing";
}

const COLUMNS = [
  ...["grant", "principal", "kind", "responsible", "purpose", "justification", "access", "audit"],
  ...["emergency", "issued", "expires", "state", "allowed in full", "allowed in part"],
  ...["of these patient data", "last review", "reviewed by", "signed in record", "commit"],
  ...["tokens live", "last used", "calls", "denied", "changed since the last signature"],
] as const;

export function grantListCsv({ rows }: Registry): string {
  return csv([COLUMNS, ...rows.map(cellsOf)]);
}

function cellsOf(row: GrantRow): readonly string[] {
  const { reach, lastReview, signature, tokens, calls } = row;
  return [
    row.grant,
    row.principal,
    row.kind,
    row.responsible ?? "",
    row.purpose,
    row.justification ?? "",
    row.access.map(({ server, policy }) => `${server}: ${policy}`).join("; "),
    row.audit ?? "",
    row.breakGlass ? "yes" : "",
    row.issued,
    row.expires,
    row.state,
    String(reach.all),
    String(reach.conditional),
    String(reach.ephi),
    lastReview?.on ?? "",
    lastReview?.by ?? "",
    signature === null ? "" : String(signature.seq),
    signature?.commit ?? "",
    tokens === null ? "" : String(tokens.live),
    row.lastUsed ?? "",
    calls === null ? "" : String(calls.all),
    calls === null ? "" : String(calls.denied),
    row.changes === null ? "" : row.changes.join("; "),
  ];
}

const DECISION = "decision (keep, narrow, revoke)";

/** The sheet for a spreadsheet: with an empty column for the decision. */
export function reviewSheetCsv({ rows }: Registry): string {
  return csv([[...COLUMNS, DECISION], ...rows.map((row) => [...cellsOf(row), ""])]);
}

/** The sheet for a pull request or a ticket. */
export function reviewSheetMarkdown(registry: Registry): string {
  const head = [
    "grant",
    "principal",
    "purpose",
    "reaches",
    "expires",
    "last review",
    "last used",
    "calls",
    "changed",
    "decision",
  ];
  const rows = registry.rows.map((row) => [
    row.grant,
    whose(row),
    row.purpose,
    reachText(row),
    row.expires,
    row.lastReview === null ? "never" : `${row.lastReview.on} by ${row.lastReview.by}`,
    row.lastUsed?.slice(0, 10) ?? "never",
    row.calls === null ? "" : String(row.calls.all),
    changedText(row),
    "",
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownCell).join(" | ")} |`;
  return [
    `# Review of access, ${registry.at.slice(0, 10)}`,
    "",
    "Who has access, whether they use it, and what changed since access was last signed. 45 CFR 164.308(a)(4)(ii)(C).",
    "",
    line(head),
    `|${head.map(() => " --- |").join("")}`,
    ...rows.map(line),
    "",
    `Policies: ${registry.repository}`,
  ].join("\n");
}

function markdownCell(from: string): string {
  return visible(from).replace(/[\\`*_{}[\]<>|~]/g, (c) => `\\${c}`);
}

function whose({ principal, responsible }: GrantRow): string {
  return responsible === null ? principal : `${principal} (${responsible})`;
}

function changedText({ changes }: GrantRow): string {
  if (changes === null) return "not known";
  return changes.length === 0 ? "nothing" : changes.join("; ");
}

/** The sheet as a page, to print and to sign by hand where that is asked for. */
export function reviewSheetHtml(registry: Registry): string {
  const { rows, at, since, repository } = registry;
  const head = [
    "grant",
    "who",
    "what for",
    "reaches",
    "until",
    "last review",
    "use",
    "changed since",
    "decision",
  ];
  const body = rows.map((row) => {
    const used =
      row.calls === null
        ? "not known"
        : `${plural(row.calls.all, "call")}, last ${row.lastUsed?.slice(0, 10) ?? "never"}`;
    const cells = [
      whose(row),
      row.justification === null ? row.purpose : `${row.purpose}: ${row.justification}`,
      `${row.access.map(({ server, policy }) => `${server}: ${policy}`).join(", ")}${row.access.length === 0 ? "" : "; "}${reachText(row)}`,
      `${row.expires}${row.state === "in force" ? "" : `, ${row.state}`}`,
      row.lastReview === null ? "never" : `${row.lastReview.on} by ${row.lastReview.by}`,
      used,
      changedText(row),
      "☐ keep ☐ narrow ☐ revoke",
    ];
    return `<tr><th scope="row">${text(row.grant)}</th>${cells.map((cell) => `<td>${text(cell)}</td>`).join("")}</tr>`;
  });
  const never = rows.filter(({ lastUsed, calls }) => calls !== null && lastUsed === null).length;
  return page(
    `Review of access ${at.slice(0, 10)}`,
    `<header class="answer"><p class="what"><span>Review of access · 45 CFR §164.308(a)(4)(ii)(C)</span><span>${text(at)}</span></p>
<h1>Who has access, and do they need it?</h1>
<p class="consequence">${plural(rows.length, "grant")}${never === 0 ? "" : `, ${never} of them never used`}.</p>
<p>${since === null ? "Without an audit log nothing is known of their use." : `Calls are counted since ${since.slice(0, 10)}.`}</p></header>`,
    `<section><h2>Grants</h2><div class="scroll" tabindex="0" role="region" aria-label="grants"><table><thead><tr>${head.map((cell) => `<th scope="col">${text(cell)}</th>`).join("")}</tr></thead><tbody>${body.join("\n")}</tbody></table></div></section>`,
    `<footer><p>Decide each grant, then sign with <code>phiward grant review --sign</code>. Policies: <code>${text(repository)}</code></p></footer>`,
  );
}

/** What a review did. */
export interface Reviewed {
  readonly by: string;
  readonly commit: string;
  readonly kept: readonly string[];
  readonly narrow: readonly string[];
  readonly revoke: readonly string[];
  /** Files that were written: they are to be committed. */
  readonly files: readonly string[];
  readonly event: string;
  readonly told: "recorded" | "waiting";
}

export function grantReviewJson(registry: Registry, reviewed: Reviewed | undefined): object {
  const { at, repository, since, rows } = registry;
  return {
    schema: "phiward.grant-review/1",
    ...{ at, repository, since, grants: rows },
    ...(reviewed === undefined ? {} : { reviewed }),
  };
}

export function grantReviewText(reviewed: Reviewed, paint: Paint): string {
  const { by, commit, kept, narrow, revoke, files, told } = reviewed;
  const names = (what: string, ids: readonly string[]): string[] =>
    ids.length === 0 ? [] : [`  ${what}: ${some(ids)}`];
  return [
    `${visible(by)} reviewed ${plural(kept.length + narrow.length + revoke.length, "grant")} of commit ${commit.slice(0, 12)}`,
    ...names("kept", kept),
    ...names("to be narrowed", narrow),
    ...names("to be revoked", revoke),
    told === "recorded"
      ? paint("green", "the signature is in the chain")
      : paint("yellow", "the signature is recorded when the gateway starts"),
    ...(files.length === 0 ? [] : [`commit ${plural(files.length, "file")}: ${some(files)}`]),
  ].join("\n");
}

export function unusedJson({ granted, unused, proposals, left, proof }: UnusedReport): object {
  return { schema: "phiward.grant-unused/1", granted, unused, proposals, left, proof };
}

export interface UnusedTexts {
  readonly report: UnusedReport;
  /** Of the files that would change, as they are. */
  readonly before: ReadonlyMap<string, string>;
  readonly written: boolean;
}

/** The changes as a patch that `git apply` takes. */
export function unusedPatch({ report, before }: UnusedTexts): string {
  return [...report.edits]
    .map(([file, after]) => {
      const patch = unifiedDiff(file, before.get(file) ?? "", after ?? "");
      return after === null ? patch.replace(`+++ b/${file}`, "+++ /dev/null") : patch;
    })
    .filter((patch) => patch !== "")
    .join("\n");
}

export function unusedText(texts: UnusedTexts, paint: Paint): string {
  const { granted, unused, proposals, left, proof } = texts.report;
  if (unused.length === 0)
    return `everything that was granted is used (${plural(granted, "grant × tool", "grants × tools")})`;
  const lines: string[] = [
    paint(
      "bold",
      `${unused.length} of ${plural(granted, "grant × tool", "grants × tools")} were never used`,
    ),
  ];
  for (const [what, grants] of alike(unused)) {
    lines.push(paint("bold", some(grants)), ...what.split("\n").map((line) => `  ${line}`));
  }
  if (proposals.length > 0) {
    lines.push("", paint("bold", texts.written ? "changed" : "what can be taken away"));
    for (const { what, file } of proposals) lines.push(`  ${visible(file)}: ${visible(what)}`);
    lines.push(paint("green", `  proved: ${visible(proof.says)}`));
  }
  if (left.length > 0) {
    lines.push("", paint("bold", "to be looked at by hand"));
    for (const { file, what, why } of left) {
      lines.push(`  ${visible(file)}: ${visible(what)}`, paint("dim", `      ${visible(why)}`));
    }
  }
  if (!texts.written && proposals.length > 0) lines.push("", unusedPatch(texts));
  return lines.join("\n");
}

const SHOWN = 5;

/** The first of some names, and how many more there are. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map(visible).join(", ");
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}

/** What is unused, in words, with the grants of which exactly that is. */
function alike(unused: UnusedReport["unused"]): ReadonlyMap<string, readonly string[]> {
  const grants = new Map<string, string[]>();
  for (const [grant, cells] of Map.groupBy(unused, (cell) => cell.grant)) {
    const what = [...Map.groupBy(cells, ({ server }) => server)]
      .map(([server, of]) => {
        const names = of.map(({ tool, method }) => visible(tool === "" ? method : tool));
        return `${visible(server)}: ${names.join(", ")}`;
      })
      .join("\n");
    grants.set(what, [...(grants.get(what) ?? []), grant]);
  }
  return grants;
}
