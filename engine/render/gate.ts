/** The gate's report for a terminal: the answer, why, every change as it is told, and the other phases. */
import type { Finding } from "../finding.ts";
import type { GateReport } from "../gate/report.ts";
import { type Paint, plural, type Style, visible } from "./paint.ts";
import { type Told, told } from "./told.ts";
import { grantLines, serverLine } from "./told-facts.ts";
import {
  approvalLines,
  asksForApproval,
  commitment,
  headline,
  outcome,
  phaseLines,
} from "./told-report.ts";

const STYLE: Readonly<Record<Told["verdict"], Style>> = {
  broader: "red",
  unknown: "yellow",
  narrower: "cyan",
};
const WORD: Readonly<Record<Told["verdict"], string>> = {
  broader: "wider",
  unknown: "not proved",
  narrower: "narrower",
};

/** Changes that became narrower, and findings, beyond this many are counted. */
const MAX_LISTED = 20;

export function gateText(report: GateReport, paint: Paint): string {
  const items = told(report);
  const { passed, base, head } = report;
  const mark = passed ? paint(["bold", "green"], "PASSES") : paint(["bold", "red"], "BLOCKS");
  return [
    `${mark}  ${paint("bold", headline(report, items))}`,
    paint("dim", `  ${visible(base.rev)} → ${visible(head.rev)}`),
    `  ${outcome(report)}`,
    ...reasons(report, paint),
    ...items.flatMap((item) => ["", ...changeLines(item, paint)]),
    ...approvals(report, paint),
    "",
    ...phases(report, paint),
    ...findings(report, paint),
    ...report.warnings.flatMap(({ message, help }) => [
      `${paint("yellow", "warning")}  ${visible(message)}`,
      `    ${paint("dim", "help:")} ${visible(help)}`,
    ]),
  ].join("\n");
}

function reasons({ reasons: found }: GateReport, paint: Paint): string[] {
  return found.flatMap(({ code, message, help }) => [
    `${paint("red", "✗")} ${visible(message)}  ${paint("dim", code)}`,
    `    ${paint("dim", "help:")} ${visible(help)}`,
  ]);
}

function changeLines(item: Told, paint: Paint): string[] {
  const { change, people, server, recorded, call } = item;
  const tags = [item.ephi ? paint("magenta", "ePHI") : "", change.effect ?? ""].filter(
    (tag) => tag !== "",
  );
  const lines = [
    `${paint(["bold", STYLE[item.verdict]], WORD[item.verdict])}  ${paint("bold", visible(item.sentence))}  ${tags.join("  ")}`.trimEnd(),
    paint("dim", `  ${visible(change.file)}:${change.line}  ${item.known}`),
  ];
  for (const { name, before, after } of item.compared) {
    const from = before === "" ? "" : `${visible(before)} `;
    lines.push(`  ${paint("dim", name.padEnd(14))} ${from}→ ${visible(after)}`);
  }
  if (item.verdict === "narrower") return lines;
  for (const facts of people.slice(0, 1)) {
    for (const [name, value] of grantLines(facts))
      lines.push(`  ${paint("dim", name.padEnd(14))} ${visible(value)}`);
  }
  if (people.length > 1) lines.push(`  ${paint("dim", "Also")}           ${others(people)}`);
  if (server !== undefined)
    lines.push(`  ${paint("dim", "Server".padEnd(14))} ${visible(serverLine(server))}`);
  if (recorded !== undefined) lines.push(`  ${paint("yellow", visible(recorded))}`);
  if (call !== undefined) {
    lines.push(`  ${visible(call.intro)}; ${visible(call.denied)}:`);
    if (call.args.length === 0) lines.push("    (no argument)");
    for (const { name, value } of call.args)
      lines.push(`    ${paint("cyan", `${visible(name)} = ${visible(value)}`)}`);
    if (call.more > 0) lines.push(`    … and ${plural(call.more, "more argument")}`);
  }
  return lines;
}

/** Grants beyond this many are counted. */
const MAX_NAMED = 6;

function others(people: Told["people"]): string {
  const named = people.slice(1, 1 + MAX_NAMED).map(({ principal }) => visible(principal));
  const rest = people.length - 1 - named.length;
  return `${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function approvals(report: GateReport, paint: Paint): string[] {
  if (!asksForApproval(report)) return [];
  const says = commitment(report, report.approvals?.commit);
  return [
    "",
    ...approvalLines(report).map(({ group, needed, people }) => {
      const mark = people.length >= needed ? paint("green", "✓") : paint("red", "✗");
      const by = people.length === 0 ? "" : `: ${people.map(visible).join(", ")}`;
      return `${mark} ${visible(group)}  ${people.length} of ${needed} approved${by}`;
    }),
    ...(says === undefined ? [] : [paint("dim", `  ${visible(says)}`)]),
  ];
}

const PHASE_MARK = {
  good: ["green", "✓"],
  look: ["yellow", "!"],
  bad: ["red", "✗"],
} as const;

function phases(report: GateReport, paint: Paint): string[] {
  return phaseLines(report).map(
    ([name, says, state]) =>
      `${paint(PHASE_MARK[state][0], PHASE_MARK[state][1])} ${name.padEnd(14)} ${visible(says)}`,
  );
}

/** Errors are what blocks; `lint` lists the rest. */
function findings({ lint, test }: GateReport, paint: Paint): string[] {
  const errors = lint.findings.filter(({ severity }) => severity === "error");
  const bad = (test?.cases ?? []).filter(({ status }) => status === "failed" || status === "error");
  return [
    ...listed(errors, (finding: Finding) => [
      `  ${visible(`${finding.place.file}:${finding.place.line}:${finding.place.column}`)}  ${visible(finding.message)}  ${paint("dim", finding.rule)}`,
      `      ${paint("dim", "help:")} ${visible(finding.help)}`,
    ]),
    ...listed(bad, ({ suite, name, reason, place }) => [
      `  ${visible(`${place.file}:${place.line}`)}  ${visible(suite)}: ${visible(name)}: ${visible(reason)}`,
    ]),
  ];
}

function listed<T>(all: readonly T[], write: (one: T) => readonly string[]): string[] {
  const rest = all.length - MAX_LISTED;
  return [
    ...all.slice(0, MAX_LISTED).flatMap(write),
    ...(rest > 0 ? [`  … and ${rest} more`] : []),
  ];
}
