/** What a scan found, as text, JSON and Markdown. Names and words of the server are escaped. */
import type { Drift } from "../scan/drift.ts";
import type { ReportedTool, ScanReport } from "../scan/scan-server.ts";
import { cell, code, table } from "./markdown-text.ts";
import { columns, type Paint, plural, visible } from "./paint.ts";

export function scanJson(
  { lock: _, proposals: __, ...report }: ScanReport,
  written: readonly string[],
): object {
  const lock = written.find((path) => path.endsWith(".lock.json")) ?? null;
  return { schema: "phiward.scan/1", ...report, lock, written };
}

const NAME_WIDTH = 34;
const MARK = { new: "+", changed: "~", same: " " } as const;

export function scanText(report: ScanReport, written: readonly string[], paint: Paint): string {
  const { server, tools, removed, instructions } = report;
  const rows = tools.map((tool) => [
    MARK[tool.change],
    shortened(visible(tool.name), NAME_WIDTH),
    effectText(tool),
    ephiText(tool),
    tool.volume,
    tool.confidence,
  ]);
  const lines = columns(rows, (text, column) => paintCell(text, column, paint));
  return [
    paint("bold", `${visible(server)}: ${plural(tools.length, "tool")}`),
    ...lines.flatMap((line, i) => [line, ...driftLines(tools[i]!.drift ?? [], paint)]),
    ...removed.map((name) => paint("red", `-  ${visible(name)}  no longer listed`)),
    ...(instructions.length === 0 ? [] : ["~  the server's instructions"]),
    ...driftLines(instructions, paint),
    "",
    summary(report),
    ...changes(report),
    written.length === 0
      ? paint("dim", "nothing written")
      : `written: ${written.map((path) => paint("bold", path)).join(", ")}; review, then commit`,
  ].join("\n");
}

const shortened = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`;

const effectText = ({ effect }: ReportedTool): string =>
  typeof effect === "string" ? effect : "by argument";

const ephiText = ({ ephi }: ReportedTool): string =>
  ephi === false ? "-" : ephi === true ? "ePHI" : "ePHI?";

function paintCell(text: string, column: number, paint: Paint): string {
  if (column === 0) return paint("green", text);
  if (column === 2) return text === "read" ? text : paint("yellow", text);
  if (column === 3) return text === "-" ? paint("dim", text) : paint("magenta", text);
  return column === 5 && text === "low" ? paint("red", text) : text;
}

const driftLines = (drift: readonly Drift[], paint: Paint): string[] =>
  drift.map(({ what, why, grave }) => {
    const line = `     ${grave ? "!" : "-"} ${visible(what)}: ${visible(why)}`;
    return grave ? paint("red", line) : line;
  });

function summary({ tools }: ScanReport): string {
  const count = (of: (tool: ReportedTool) => boolean): number => tools.filter(of).length;
  const parts = ["read", "write", "financial", "destructive", "execute", "by argument"]
    .map((effect) => [count((tool) => effectText(tool) === effect), effect] as const)
    .filter(([n]) => n > 0)
    .map(([n, effect]) => `${n} ${effect}`);
  const ephi = count(({ ephi: data }) => data !== false);
  const low = count(({ confidence }) => confidence === "low");
  return `${parts.join(", ") || "no tools"}; ${ephi} with ePHI${low > 0 ? `; ${low} to look at first (low confidence)` : ""}`;
}

function changes({ tools, removed }: ScanReport): string[] {
  const counts = { new: 0, changed: 0, same: 0 };
  for (const { change } of tools) counts[change]++;
  return [
    `${counts.new} new, ${counts.changed} changed, ${removed.length} removed, ${counts.same} the same`,
  ];
}

export function scanMarkdown(report: ScanReport, written: readonly string[]): string {
  const { server, tools, removed, instructions } = report;
  const drifted = tools.filter(({ change }) => change === "changed");
  const rows = tools.map((tool) => [
    code(tool.name),
    cell(effectText(tool)),
    ephiText(tool),
    tool.volume,
    tool.subject.map(code).join(", ") || "-",
    tool.confidence,
  ]);
  const list = (drift: readonly Drift[]): string[] =>
    drift.map(
      ({ what, why, grave }) =>
        `- ${grave ? "**" : ""}${cell(what)}${grave ? "**" : ""}: ${cell(why)}`,
    );
  return [
    `## Scan of ${code(server)}`,
    "",
    `${summary(report)}. ${changes(report)[0]}.`,
    ...drifted.flatMap(({ name, drift }) => [
      "",
      `### ${code(name)} changed`,
      "",
      ...list(drift ?? []),
    ]),
    ...(instructions.length > 0
      ? ["", "### The server's instructions changed", "", ...list(instructions)]
      : []),
    ...(removed.length > 0 ? ["", `No longer listed: ${removed.map(code).join(", ")}`] : []),
    "",
    table(["tool", "effect", "ePHI", "volume", "patient named by", "confidence"], rows),
    ...(written.length > 0 ? ["", `Written: ${written.map(code).join(", ")}`] : []),
  ].join("\n");
}
