/** Reports for a terminal. Pure: a report in, lines out. */
import type { Origin } from "../bundle/origin.ts";
import type { Explanation, TraceCondition } from "../decide/explain.ts";
import type { Finding } from "../finding.ts";
import type { TestReport } from "../testing/run.ts";
import { originRows } from "./origin.ts";
import { columns, type Paint, plural, type Style, visible } from "./paint.ts";

const SEVERITY: Readonly<Record<Finding["severity"], Style>> = {
  error: "red",
  warning: "yellow",
  info: "cyan",
};

export function lintText(
  findings: readonly Finding[],
  suppressed: number,
  files: number,
  paint: Paint,
): string {
  const lines: string[] = [];
  for (const { rule, severity, message, help, place } of findings) {
    lines.push(
      `${paint("bold", visible(`${place.file}:${place.line}:${place.column}`))}  ${paint(SEVERITY[severity], severity)}  ${visible(message)}  ${paint("dim", rule)}`,
      `    ${paint("dim", "help:")} ${visible(help)}`,
    );
  }
  if (lines.length > 0) lines.push("");
  const count = (severity: Finding["severity"]): number =>
    findings.filter((f) => f.severity === severity).length;
  const errors = count("error");
  const parts = [
    plural(errors, "error"),
    plural(count("warning"), "warning"),
    ...(count("info") > 0 ? [plural(count("info"), "note")] : []),
    ...(suppressed > 0 ? [`${suppressed} suppressed`] : []),
  ];
  const mark = errors > 0 ? paint("red", "✗") : paint("green", "✓");
  lines.push(`${mark} ${parts.join(", ")} in ${plural(files, "file")}`);
  return lines.join("\n");
}

const MARKS = {
  passed: ["green", "✓"],
  failed: ["red", "✗"],
  skipped: ["yellow", "-"],
  error: ["red", "!"],
} as const;

export function testText(
  report: TestReport,
  options: { readonly verbose: boolean },
  paint: Paint,
): string {
  const lines: string[] = [];
  const suites = Map.groupBy(report.cases, ({ suite }) => suite);
  for (const [suite, cases] of suites) {
    const troubled = cases.some(({ status }) => status !== "passed");
    const passed = cases.filter(({ status }) => status === "passed").length;
    const mark = cases.some(({ status }) => status === "failed" || status === "error")
      ? paint("red", "✗")
      : paint("green", "✓");
    lines.push(
      `${mark} ${paint("bold", visible(suite))} ${paint("dim", `${passed}/${cases.length}`)}`,
    );
    if (!troubled && !options.verbose) continue;
    for (const { name, status, reason, rule, verdict, place } of cases) {
      if (status === "passed" && !options.verbose) continue;
      const [style, sign] = MARKS[status];
      const detail =
        status === "passed"
          ? rule === "" || rule === undefined
            ? verdict
            : `${verdict} by ${rule}`
          : reason;
      lines.push(
        `  ${paint(style, sign)} ${visible(name)}  ${paint("dim", visible(detail ?? ""))}`,
      );
      if (status !== "passed" && status !== "skipped") {
        lines.push(`      ${paint("dim", `${place.file}:${place.line}:${place.column}`)}`);
      }
    }
  }
  const parts = [
    paint(report.failed > 0 ? "red" : "green", `${report.passed} passed, ${report.failed} failed`),
    ...(report.skipped > 0 ? [`${report.skipped} skipped`] : []),
    ...(report.errors > 0 ? [paint("red", plural(report.errors, "error"))] : []),
  ];
  lines.push("", parts.join(", "));
  return lines.join("\n");
}

export function explainText(
  { decision, trace, assumptions }: Explanation,
  hint: string | undefined,
  paint: Paint,
  origin?: Origin,
): string {
  const allowed = decision.verdict === "allow";
  const verdict = allowed ? paint(["bold", "green"], "ALLOW") : paint(["bold", "red"], "DENY");
  const lines = [
    `${verdict}${allowed ? "" : `  by ${paint("bold", visible(decision.rule))}`}`,
    ...(decision.monitored === true
      ? [paint("yellow", `  monitor mode: ${visible(decision.rule)} would deny it`)]
      : []),
    `  ${visible(decision.reason)}${hint === undefined ? "" : `; ${visible(hint)}`}`,
    "",
    ...columns(
      [
        [
          "policy",
          decision.policy === null
            ? "none"
            : `${decision.policy.name}  ${decision.policy.digest.slice(0, 19)}…`,
        ],
        ["grant", decision.grant ?? "none: the policy alone was asked"],
        ["ePHI", decision.ephi ? "yes" : "no"],
        ["effect", decision.effect],
        ["patient", [decision.subjectArg].flat().join(", ")],
        ...(allowed ? [] : [["agent reads", decision.message]]),
        ...(origin === undefined ? [] : originRows(origin)),
      ].map(([key, value]) => [`  ${key}`, visible(value!)]),
      (text, column) => (column === 0 ? paint("dim", text) : text),
    ),
    "",
    "  steps, first denial wins:",
  ];
  for (const step of trace) {
    const mark = step.outcome === "passed" ? paint("green", "✓") : paint("red", "✗");
    lines.push(`  ${mark} ${paint("bold", visible(step.rule))}  ${visible(step.says)}`);
    for (const [index, group] of (step.groups ?? []).entries()) {
      if (index > 0) lines.push(paint("dim", "      or"));
      for (const condition of group) lines.push(`      ${conditionText(condition, paint)}`);
    }
    if (step.paste !== undefined) {
      lines.push(
        `      ${paint("cyan", `paste at ${visible(step.paste.at)}:`)}`,
        `        ${paint("cyan", visible(step.paste.line))}`,
        `      ${paint("dim", visible(step.paste.effect))}`,
      );
    }
  }
  lines.push("", paint("dim", `  assumed: ${assumptions.join("; ")}`));
  return lines.join("\n");
}

function conditionText({ condition, truth, why }: TraceCondition, paint: Paint): string {
  const style: Style = truth === "true" ? "green" : truth === "false" ? "dim" : "yellow";
  return `${paint(style, truth.padEnd(12))} ${visible(condition)}${why === undefined ? "" : paint("yellow", `  ${visible(why)}`)}`;
}
