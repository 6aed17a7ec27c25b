/** What a change does, for a terminal: one paragraph a change, the gravest first. */
import type { Change, Diff, Verdict, Witness } from "../compare/report.ts";
import { type Paint, plural, type Style, visible } from "./paint.ts";

const STYLE: Readonly<Record<Verdict, Style>> = {
  broader: "red",
  unknown: "yellow",
  narrower: "cyan",
  same: "green",
};
const SENTENCE: Readonly<Record<Verdict, string>> = {
  broader: "this change lets more happen than before",
  unknown: "it could not be proved that this change lets nothing more happen",
  narrower: "nothing becomes possible that was not; some of what was possible no longer is",
  same: "every call is decided as before",
};

/** Changes that differ only in who makes the call, told once. */
export interface Group {
  readonly change: Change;
  readonly grants: readonly string[];
  readonly members: readonly Change[];
}

/** Grants that are named before the rest is counted. */
const MAX_NAMED = 6;

export function diffText(diff: Diff, ms: number, paint: Paint): string {
  const { verdict, blocks, cells } = diff;
  const mark = blocks ? paint(["bold", "red"], "BLOCKS") : paint(["bold", "green"], "PASSES");
  const lines = [
    `${mark}  ${paint(["bold", STYLE[verdict]], verdict)}: ${SENTENCE[verdict]}`,
    paint(
      "dim",
      `  ${visible(diff.base.rev)} → ${visible(diff.head.rev)}; scope ${diff.scope}; ${compared(cells)}; ${Math.round(ms)} ms`,
    ),
  ];
  for (const group of grouped(diff.changes)) lines.push("", ...paragraph(group, paint));
  return lines.join("\n");
}

function compared({ total, compared: changed, equivalent }: Diff["cells"]): string {
  const pairs = plural(total, "pair of grant and tool", "pairs of grant and tool");
  if (changed === 0) return `${pairs}, none changed`;
  return `${pairs}, ${changed} changed${equivalent === 0 ? "" : `, ${equivalent} proved to decide as before`}`;
}

export function grouped(changes: readonly Change[]): Group[] {
  const groups = Map.groupBy(
    changes,
    ({ kind, verdict, by, server, method, tool, file, line, before, after, grant, summary }) =>
      JSON.stringify([
        kind,
        verdict,
        by,
        server,
        method,
        tool,
        file,
        line,
        before,
        after,
        grant === null ? summary : summary.replaceAll(grant, ""),
      ]),
  );
  return [...groups.values()].map((members) => ({
    change: members[0]!,
    members,
    grants: members.flatMap(({ grant }) => (grant === null ? [] : [grant])),
  }));
}

function paragraph({ change, grants }: Group, paint: Paint): string[] {
  const {
    verdict,
    kind,
    by,
    ephi,
    effect,
    summary,
    file,
    line,
    safeguards,
    witness,
    before,
    after,
    baseDecision,
    headDecision,
  } = change;
  const tags = [
    ephi ? paint("magenta", "ePHI") : "",
    effect ?? "",
    by === "rule" ? "by rule" : verdict === "unknown" ? "not proved" : "proved",
  ].filter((tag) => tag !== "");
  const lines = [
    `${paint(["bold", STYLE[verdict]], verdict)} ${paint("bold", kind)}  ${visible(summary)}`,
    `  ${paint("dim", `${visible(file)}:${line}`)}  ${tags.join("  ")}  ${paint("dim", safeguards.map((section) => `§${section}`).join(" "))}`,
  ];
  if (grants.length > 1) {
    const rest = grants.length > MAX_NAMED ? ` and ${grants.length - MAX_NAMED} more` : "";
    lines.push(`  the same for ${grants.slice(1, MAX_NAMED).map(visible).join(", ")}${rest}`);
  }
  if (before !== undefined && !saidInTheSentence(change))
    lines.push(
      `  ${paint("dim", "before")} ${visible(before)}`,
      `  ${paint("dim", "after ")} ${visible(after ?? "")}`,
    );
  if (witness !== undefined) {
    lines.push(
      `  ${visible(witness.grant)} at ${witness.at}: base ${said(baseDecision)}, head ${said(headDecision)}`,
      ...(witness.sequence === undefined
        ? []
        : [`  the last of ${witness.sequence.calls.length} calls within one window:`]),
      `    ${paint("cyan", visible(toolsCall(witness)))}`,
    );
  }
  return lines;
}

/** Whether the sentence says already what was and what is. */
export function saidInTheSentence({ kind, by }: Change): boolean {
  return by === "proof" || kind === "quota";
}

function said(side: { verdict: string; rule: string } | undefined): string {
  if (side === undefined) return "?";
  if (side.verdict === "deny") return `denies by ${visible(side.rule)}`;
  // Monitor mode: the rule is there, and only watched.
  return side.rule === "" ? "allows" : `allows, and only watches ${visible(side.rule)}`;
}

/** The request as it goes over the wire (JSON-RPC 2.0; MCP, tools/call), on one line. */
export function toolsCall({ method, tool, args }: Witness): string {
  const params = tool === "" ? args : { name: tool, arguments: args };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
}
