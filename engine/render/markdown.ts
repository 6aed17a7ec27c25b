/**
 * The gate's report as Markdown: a comment on a pull request, and the summary of a job. How texts of
 * others are kept text is in markdown-text.ts.
 */
import type { GateReport } from "../gate/report.ts";
import { fromRoot } from "./issues.ts";
import { cell, cellCode, code, details, sentence, table } from "./markdown-text.ts";
import { capital, plural } from "./paint.ts";
import { type Told, told } from "./told.ts";
import type { Call } from "./told-call.ts";
import { grantLines, serverLine } from "./told-facts.ts";
import {
  approvalLines,
  asksForApproval,
  commitment,
  headline,
  outcome,
  phaseLines,
} from "./told-report.ts";

/** The first line of the comment, by which it is found again. Not seen by a reader. */
export const COMMENT_MARKER = "<!-- phiward-gate -->";

/** What GitHub takes: characters of a comment; a summary may have 1 MiB a step. */
export const MAX_COMMENT = 65_536;
const MAX_SUMMARY = 1_000_000;

export interface MarkdownOptions {
  readonly kind: "comment" | "summary";
  /** The policy folder, relative to the root of the Git repository; the report's own when absent. */
  readonly dir?: string;
  /** Where the whole report is, when a comment cannot hold it. */
  readonly url?: string;
}

export function gateMarkdown(report: GateReport, options: MarkdownOptions): string {
  const dir = options.dir ?? report.at;
  const limit = options.kind === "comment" ? MAX_COMMENT : MAX_SUMMARY;
  const items = told(report);
  const head = [...(options.kind === "comment" ? [COMMENT_MARKER] : []), ...answer(report, items)];
  const foot = [
    ...approvals(report),
    ...phases(report, dir),
    ...warnings(report),
    ...footer(report),
  ];
  const cards = changes(items, dir);
  const fixed = length(head) + length(foot);
  const kept = fitting(cards, limit - fixed - RESERVE);
  const left = cards.length - kept.length;
  return [...head, ...kept, ...(left > 0 ? [leftOut(left, options.url)] : []), ...foot].join(
    "\n\n",
  );
}

/** Room for the sentence that says what is left out. */
const RESERVE = 1_000;

function length(parts: readonly string[]): number {
  return parts.reduce((sum, part) => sum + part.length + 2, 0);
}

/** As many as fit, in their order: the gravest are first. */
function fitting(parts: readonly string[], room: number): string[] {
  const kept: string[] = [];
  let used = 0;
  for (const part of parts) {
    used += part.length + 2;
    if (used > room) break;
    kept.push(part);
  }
  return kept;
}

function leftOut(count: number, url: string | undefined): string {
  const where = url === undefined ? "the summary of the job" : `[the whole report](${url})`;
  return `_${plural(count, "more change")}, none graver than these: see ${where}._`;
}

// ---------------------------------------------------------------- parts

function answer(report: GateReport, items: readonly Told[]): string[] {
  const { passed, base, head, reasons } = report;
  const mark = passed ? "✅" : "⛔";
  const why = reasons.map(
    ({ message, help }) => `- ${sentence(capital(message))}. ${sentence(capital(help))}.`,
  );
  return [
    `## ${mark} ${sentence(headline(report, items))}`,
    `**${outcome(report)}** Compared: ${code(base.rev)} → ${code(head.rev)}.`,
    ...(why.length === 0 ? [] : [why.join("\n")]),
  ];
}

function changes(items: readonly Told[], dir: string | undefined): string[] {
  const wider = items.filter(({ verdict }) => verdict !== "narrower");
  const narrower = items.filter(({ verdict }) => verdict === "narrower");
  const seen = new Set<string>();
  return [
    ...wider.map((item, index) => card(item, index + 1, seen, dir)),
    ...(narrower.length === 0
      ? []
      : [
          details(
            plural(narrower.length, "change makes", "changes make").replace(
              /(makes?)$/,
              "$1 something narrower",
            ),
            narrower.map(({ sentence: said }) => `- ${sentence(said)}.`).join("\n"),
          ),
        ]),
  ];
}

function card(item: Told, number: number, seen: Set<string>, dir: string | undefined): string {
  const { change, compared, recorded, call } = item;
  const tags = [
    item.verdict === "unknown" ? "not proved" : "wider",
    item.ephi ? "patient data" : "no patient data",
    ...(item.blocks ? [] : ["does not block"]),
  ];
  return [
    `### ${number}. ${sentence(item.sentence)}`,
    `<sub>${tags.join(" · ")} · ${code(`${fromRoot(change.file, dir)}:${change.line}`)}</sub>`,
    ...(compared.length === 0
      ? []
      : [
          table(
            ["", "Before", "After"],
            compared.map(({ name, before, after }) => [
              name,
              cell(before),
              before === after ? cell(after) : `**${cell(after)}**`,
            ]),
          ),
        ]),
    ...who(item, seen),
    ...(recorded === undefined ? [] : [`**Seen in recorded calls:** ${sentence(recorded)}.`]),
    ...(call === undefined ? [] : [callDetails(call)]),
  ].join("\n\n");
}

/** Facts of a grant are told once; after that its name says enough. */
function who({ people, server }: Told, seen: Set<string>): string[] {
  const [first, ...others] = people;
  const lines: (readonly [string, string])[] = [];
  if (first !== undefined && !seen.has(first.id)) lines.push(...grantLines(first));
  if (others.length > 0) {
    const named = others.slice(0, 6).map(({ principal }) => `\`${principal}\``);
    const rest = others.length - named.length;
    lines.push(["Also", `${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`]);
  }
  for (const { id } of people) seen.add(id);
  const serverKey = `server ${server?.id}`;
  if (server !== undefined && !seen.has(serverKey)) {
    lines.push(["Server", serverLine(server)]);
    seen.add(serverKey);
  }
  if (lines.length === 0) return [];
  return [lines.map(([name, value]) => `- ${name}: ${sentence(value)}`).join("\n")];
}

function callDetails({ intro, args, more, denied }: Call): string {
  const rows = args.map(({ name, value }) => [cellCode(name), cellCode(value)]);
  const shown =
    rows.length === 0 ? "_The call has no argument._" : table(["Argument", "Value"], rows);
  const rest = more === 0 ? [] : [`_and ${plural(more, "more argument")}_`];
  return details(`${intro}; ${denied}`, [shown, ...rest].join("\n\n"));
}

function approvals(report: GateReport): string[] {
  const says = commitment(report, report.approvals?.commit);
  if (!asksForApproval(report)) return [];
  const rows = approvalLines(report).map(({ group, needed, people }) => [
    `${people.length >= needed ? "✅" : "⬜"} ${cell(group)}`,
    `${people.length} of ${needed}`,
    people.length === 0 ? "–" : people.map(cellCode).join(", "),
  ]);
  const problems = report.approved ? [] : (report.approvals?.problems ?? []);
  return [
    "### Approval",
    table(["Group", "Approved", "By"], rows),
    ...(problems.length === 0
      ? []
      : [problems.map((problem) => `- ${sentence(capital(problem))}.`).join("\n")]),
    ...(says === undefined ? [] : [`> ${sentence(says)}`]),
  ];
}

function phases(report: GateReport, dir: string | undefined): string[] {
  const rows = phaseLines(report).map(([name, says, state]) => [
    `${PHASE_MARK[state]} ${name}`,
    cell(says),
  ]);
  return ["### What was checked", table(["", ""], rows), ...problems(report, dir)];
}

const PHASE_MARK = { good: "✅", look: "👁", bad: "❌" } as const;

const MAX_LISTED = 20;

function problems({ lint, test }: GateReport, dir: string | undefined): string[] {
  const lines = [
    ...lint.findings
      .filter(({ severity }) => severity === "error")
      .map(
        ({ place, message, help }) =>
          `- ${code(`${fromRoot(place.file, dir)}:${place.line}`)} ${sentence(message)} (help: ${sentence(help)})`,
      ),
    ...(test?.cases ?? [])
      .filter(({ status }) => status === "failed" || status === "error")
      .map(
        ({ place, suite, name, reason }) =>
          `- ${code(`${fromRoot(place.file, dir)}:${place.line}`)} ${code(`${suite}: ${name}`)}: ${sentence(reason)}`,
      ),
  ];
  if (lines.length === 0) return [];
  const rest = lines.length - MAX_LISTED;
  const shown = [...lines.slice(0, MAX_LISTED), ...(rest > 0 ? [`- … and ${rest} more`] : [])];
  return [details(plural(lines.length, "problem"), shown.join("\n"))];
}

function warnings({ warnings: found }: GateReport): string[] {
  if (found.length === 0) return [];
  return [
    found
      .map(({ message, help }) => `- ⚠️ ${sentence(capital(message))}. ${sentence(capital(help))}.`)
      .join("\n"),
  ];
}

function footer({ base, head }: GateReport): string[] {
  return [
    `<sub>Before ${code(base.digest)}, after ${code(head.digest)}. “Wider” by proof means a call that was decided on both sides; by rule, a setting that became weaker by a published order. What could not be proved counts as wider.</sub>`,
  ];
}
