/** Starter policies: what was written, and what a person has to look at. */
import type { StarterReport } from "../starter/starter.ts";
import { type Paint, plural, visible } from "./paint.ts";

export interface StarterAnswer {
  readonly dir: string;
  readonly files: readonly string[];
  readonly approvers: readonly string[];
  readonly next: readonly string[];
}

export function starterJson(
  { policies, recorded, tests }: StarterReport,
  answer: StarterAnswer,
): object {
  return {
    schema: "phiward.init/1",
    ...answer,
    policies,
    tests,
    ...(recorded === undefined ? {} : { recorded }),
  };
}

export function starterText(
  { policies, recorded, tests }: StarterReport,
  { dir, files, next }: StarterAnswer,
  paint: Paint,
): string {
  const lines = files.map(
    (path) => `${paint("green", "+")} ${dir === "." ? "" : `${dir}/`}${path}`,
  );
  for (const { name, grant, server, tools, rules, spared, open } of policies) {
    const left = spared === 0 ? "" : `; ${spared} more would have stopped nothing`;
    lines.push(
      "",
      `${paint("bold", visible(name))}  ${visible(grant)} on ${server}: ${plural(tools, "tool")}, ${plural(rules, "rule")}${left}`,
    );
    for (const says of open) lines.push(`  ${paint("yellow", "left open")}  ${visible(says)}`);
  }
  lines.push("");
  if (recorded !== undefined) {
    const { calls, allowed } = recorded;
    const sign = allowed === calls ? paint("green", "✓") : paint("red", "✗");
    lines.push(
      `${sign} ${allowed} of ${plural(calls, "recorded call")} are allowed, and every rule stops a call that nothing else stops`,
    );
  }
  lines.push(
    `${paint("green", "✓")} ${plural(tests.cases, "more test")} written: the suites notice ${tests.score} % of the slips that were tried`,
    "",
    "next:",
    ...next.map((command) => `  ${paint("bold", command)}`),
  );
  return lines.join("\n");
}
