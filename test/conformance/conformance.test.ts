/**
 * The MCP conformance suite, called directly and through the gateway with everything on: a token, a
 * decision, limits, pins and the audit log. Nothing is expected to fail.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecords } from "../../engine/audit/read.ts";
import { nodeHost } from "../../engine/host/host.ts";
import { lint } from "../../engine/lint/lint.ts";
import { load } from "../../engine/policy/load.ts";
import {
  type ConformanceRun,
  REQUIREMENTS,
  type Requirements,
  runConformance,
  scoredScenarios,
} from "./run.ts";
import { startTargets, type Targets } from "./targets.ts";

let targets: Targets;
beforeAll(async () => {
  targets = await startTargets();
});
afterAll(() => targets?.stop());

test("the repository for the suite lints without a finding", async () => {
  const loaded = await load(nodeHost.folder(targets.policies));
  expect(lint(loaded, Date.now()).findings).toEqual([]);
});

describe.each(REQUIREMENTS)("the requirements of %s", (requirements) => {
  let direct: ConformanceRun;
  let through: ConformanceRun;

  beforeAll(async () => {
    const headers = { Authorization: `Bearer ${targets.token}` };
    direct = await runConformance(targets.direct, requirements);
    through = await runConformance(targets.gateway, requirements, { headers });
  });

  test("are met by the server, so that a failure behind the gateway is the gateway's", () => {
    expect(troubles(direct, requirements)).toEqual([]);
    expect(direct.exit).toBe(0);
  });

  test("are met through the gateway", () => {
    expect(troubles(through, requirements)).toEqual([]);
    expect(through.exit).toBe(0);
  });

  test("have the same result in every scored check, directly and through the gateway", () => {
    for (const scenario of scoredScenarios(requirements)) {
      expect({ scenario, checks: verdicts(through, scenario) }).toEqual({
        scenario,
        checks: verdicts(direct, scenario),
      });
    }
  });

  test("and, of what the suite runs without a score, fails only where the server fails", () => {
    const known = new Set(failures(direct));
    expect(failures(through).filter((failure) => !known.has(failure))).toEqual([]);
  });
});

test("the gateway has decided on what it let through, and has recorded it", () => {
  const kinds = [...readRecords(targets.audit)].map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === "decision").length).toBeGreaterThan(100);
  expect(kinds.filter((kind) => kind === "outcome").length).toBeGreaterThan(100);
});

function verdicts({ scenarios }: ConformanceRun, scenario: string): string[] {
  return (scenarios.get(scenario)?.checks ?? []).map(({ id, status }) => `${id}: ${status}`);
}

/** Scored scenarios that did not run, and their checks that failed, warned or were skipped. */
function troubles({ scenarios }: ConformanceRun, requirements: Requirements): string[] {
  return [...scoredScenarios(requirements)].flatMap((scenario) => {
    const checks = scenarios.get(scenario)?.checks;
    if (checks === undefined) return [`${scenario} did not run`];
    return checks
      .filter(({ status }) => status !== "SUCCESS" && status !== "INFO")
      .map(({ id, status, message }) => `${scenario}, ${id}: ${status}, ${message}`);
  });
}

function failures({ scenarios }: ConformanceRun): string[] {
  return [...scenarios].flatMap(([scenario, { checks }]) =>
    checks.filter(({ status }) => status === "FAILURE").map(({ id }) => `${scenario}, ${id}`),
  );
}
