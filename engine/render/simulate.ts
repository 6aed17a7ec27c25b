/** What recorded calls say, for a terminal. Pure: a report in, lines out. */
import type { ChangedCall, PersonCount, Simulation } from "../simulate/report.ts";
import { columns, type Paint, plural, type Style, visible } from "./paint.ts";

/** Changed calls beyond this many are counted, not listed; `--format json` has more of them. */
const MAX_LISTED = 20;
/** People, and tools, beyond this many are counted. */
const MAX_ROWS = 30;

export function simulateText(report: Simulation, base: string | undefined, paint: Paint): string {
  return [
    ...whole(report, paint),
    ...deniedBy(report),
    ...compared(report, base, paint),
    ...replacedValues(report, paint),
    ...late(report, paint),
  ].join("\n");
}

function whole({ total, head, ephi }: Simulation, paint: Paint): string[] {
  const tools = head.byTool.slice(0, MAX_ROWS);
  const rest = head.byTool.length - tools.length;
  return [
    paint(
      "bold",
      `${plural(total, "recorded call")}: ${head.allowed} allowed, ${head.denied} denied`,
    ),
    ...columns(
      tools.map(({ tool, allowed, denied }) => [
        `  ${visible(tool)}`,
        bar(allowed, denied, paint),
        `${String(allowed).padStart(6)} allowed`,
        `${String(denied).padStart(6)} denied`,
      ]),
    ),
    ...(rest > 0 ? [paint("dim", `  and ${plural(rest, "more tool")}`)] : []),
    `  ${plural(ephi.calls, "call")} may concern patient data: ${ephi.allowed} allowed, ${ephi.denied} denied`,
  ];
}

function deniedBy({ head }: Simulation): string[] {
  const rules = Object.entries(head.byRule);
  if (rules.length === 0) return [];
  return [
    "",
    "denied by:",
    ...columns(rules.map(([rule, count]) => [`  ${String(count).padStart(5)}`, visible(rule)])),
  ];
}

function compared(report: Simulation, base: string | undefined, paint: Paint): string[] {
  const { total, uncompared, unchanged, gainedTotal, revokedTotal, ephiGained } = report;
  if (total === uncompared) {
    const how = "nothing to compare with: give --base REV, or fixtures with a recorded verdict";
    return ["", paint("dim", how)];
  }
  const against = base === undefined ? "what was recorded" : `\`${visible(base)}\``;
  return [
    "",
    `against ${against}: ${unchanged} unchanged`,
    ...changed(`gained: ${plural(gainedTotal, "call")}, ${ephiGained} of them ePHI`, {
      calls: report.gained,
      total: gainedTotal,
      says: ({ base }) => `was denied by ${visible(base.rule || "(not recorded)")}`,
      style: "red",
      paint,
    }),
    ...people(report.byPerson, paint),
    ...changed(`revoked: ${plural(revokedTotal, "call")}`, {
      calls: report.revoked,
      total: revokedTotal,
      says: ({ head }) => `now denied by ${visible(head.rule)}`,
      style: "yellow",
      paint,
    }),
    ...(gainedTotal === 0 ? [paint("green", "no recorded call is newly allowed")] : []),
  ];
}

interface Listed {
  readonly calls: readonly ChangedCall[];
  readonly total: number;
  readonly says: (call: ChangedCall) => string;
  readonly style: Style;
  readonly paint: Paint;
}

function changed(title: string, { calls, total, says, style, paint }: Listed): string[] {
  if (total === 0) return [];
  const shown = calls.slice(0, MAX_LISTED);
  const rest = total - shown.length;
  return [
    "",
    paint(["bold", style], title),
    ...columns(
      shown.map((call) => [
        `  ${visible(call.id)}`,
        visible(call.grant),
        visible(call.tool === "" ? call.method : call.tool),
        call.effect,
        call.ephi ? "ePHI" : "",
        call.readReplaced === undefined ? says(call) : `${says(call)} (${REPLACED})`,
      ]),
      (text, column) => (column === 4 ? paint("magenta", text) : text),
    ),
    ...(rest > 0 ? [paint("dim", `  … and ${rest} more: --format json lists more of them`)] : []),
  ];
}

/** Who gains calls, and who answers for them; not where it is one, whom the list names already. */
function people(all: readonly PersonCount[], paint: Paint): string[] {
  const gaining = all.filter(({ gained }) => gained > 0);
  if (gaining.length < 2) return [];
  const shown = gaining.slice(0, MAX_ROWS);
  const rest = gaining.length - shown.length;
  return [
    "",
    "by person:",
    ...columns(
      shown.map(({ principal, responsible, gained, ephiGained }) => [
        `  ${visible(principal ?? "(no such grant)")}`,
        responsible === null ? "" : `answered for by ${visible(responsible)}`,
        `${String(gained).padStart(6)} gained`,
        `${ephiGained} ePHI`,
      ]),
    ),
    ...(rest > 0 ? [paint("dim", `  and ${rest} more`)] : []),
  ];
}

/** Stands beside a verdict of which nobody can say that the value that was sent would have had it. */
const REPLACED = "read a replaced value";

function replacedValues({ marked }: Simulation, paint: Paint): string[] {
  if (marked.calls === 0) return [];
  const shown = marked.byPath.slice(0, MAX_LISTED);
  const rest = marked.byPath.length - shown.length;
  return [
    "",
    paint(
      "yellow",
      `${plural(marked.calls, "verdict")} ${REPLACED}, and may differ for what was sent:`,
    ),
    ...columns(shown.map(({ path, calls }) => [`  ${String(calls).padStart(5)}`, visible(path)])),
    ...(rest > 0 ? [paint("dim", `  … and ${rest} more paths`)] : []),
  ];
}

function late({ outOfOrder }: Simulation, paint: Paint): string[] {
  if (outOfOrder === 0) return [];
  return [
    paint(
      "yellow",
      `${plural(outOfOrder, "call")} came long after later ones: their limits were counted anew`,
    ),
  ];
}

/** Twenty cells, in proportion. */
function bar(allowed: number, denied: number, paint: Paint): string {
  const cells = 20;
  const green = allowed + denied === 0 ? 0 : Math.round((allowed / (allowed + denied)) * cells);
  return paint("green", "█".repeat(green)) + paint("red", "░".repeat(cells - green));
}
