/**
 * The gate's report as Markdown: a comment on a pull request, and the summary of a job.
 *
 * Policies, tools and people supply much of its text. Such text stands in code spans, in which GitHub
 * makes no links, mentions, images, issue references or HTML, so that a pull request cannot write to
 * others, or to its reader, through the report. Prose that could be read as one of them is set as code
 * too; whatever else means something in Markdown is escaped.
 */
import type { GateReport } from "../gate/report.ts";
import { fromRoot } from "./issues.ts";
import { plural, visible } from "./paint.ts";
import {
  approvalLines,
  asksForApproval,
  type Call,
  commitment,
  grantLines,
  headline,
  outcome,
  phaseLines,
  serverLine,
  type Told,
  told,
} from "./told.ts";

/** The first line of the comment, by which it is found again. Not seen by a reader. */
export const COMMENT_MARKER = "<!-- phiward-gate -->";

/** What GitHub takes: characters of a comment; a summary may have 1 MiB a step. */
export const MAX_COMMENT = 65_536;
export const MAX_SUMMARY = 1_000_000;

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

// ---------------------------------------------------------------- Markdown

/** `title` is a sentence; it stands in HTML, where Markdown means nothing. */
function details(title: string, body: string): string {
  return `<details><summary>${titleHtml(title)}</summary>\n\n${body}\n\n</details>`;
}

function titleHtml(title: string): string {
  return title
    .split(/`([^`]*)`/)
    .map((part, index) =>
      index % 2 === 1 || LIVE.test(part) ? `<code>${html(part)}</code>` : html(part),
    )
    .join("");
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [row(heads), row(heads.map(() => "---")), ...rows.map(row)].join("\n");
}

/** A sentence of ours, in which names stand between backticks. */
function sentence(text: string): string {
  return spans(text).join("");
}

/** The same within a table. */
function cell(text: string): string {
  return spans(text).map(inCell).join("");
}

/**
 * Names as code, and prose between them. Two code spans that touch would become one run of backticks,
 * and what stands in them would be read anew: a space keeps them apart.
 */
function spans(text: string): string[] {
  const parts = text
    .split(/`([^`]*)`/)
    .map((part, index) => (index % 2 === 1 ? code(part) : prose(part)))
    .filter((part) => part !== "");
  return parts.map((part, index) =>
    part.startsWith("`") && parts[index - 1]?.endsWith("`") ? ` ${part}` : part,
  );
}

function cellCode(text: string): string {
  return inCell(code(text));
}

/**
 * In a table a bar ends the cell, in a code span too, unless a backslash stands before it that no
 * other backslash escapes. After a backslash of its own it can only be spelled out: a cell that ends
 * too early would leave the rest of a text outside of its code span.
 */
function inCell(text: string): string {
  return text.replace(/(\\*)\|/g, (_, slashes: string) =>
    slashes.length % 2 === 0 ? `${slashes}\\|` : `${slashes}\\u007c`,
  );
}

/** As code, whatever it holds: fenced by more backticks than it has in a row. */
function code(text: string): string {
  const shown = visible(text);
  if (shown.trim() === "") return shown === "" ? "" : "`(blank)`";
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const padding = /^[` ]|[` ]$/.test(shown) ? " " : "";
  return `${fence}${padding}${shown}${padding}${fence}`;
}

/** What GitHub would turn into a mention, a reference, a link or a picture. */
const LIVE = /[@#]|:\/\/|www\.|\bGH-\d|:\w+:|\b[0-9a-f]{7,64}\b/i;

function prose(text: string): string {
  const shown = visible(text);
  if (LIVE.test(shown)) return code(shown);
  // A bar is left to `inCell`; at the start of a line these would make a list.
  return shown.replace(/[\\`*_{}[\]<>~&$]|^[-+=]|(?<=^\d{1,9})[.)]/g, "\\$&");
}

function html(text: string): string {
  return visible(text).replace(/[&<>"'@#:]/g, (c) => `&#${c.codePointAt(0)};`);
}

function capital(from: string): string {
  return from.charAt(0).toUpperCase() + from.slice(1);
}
