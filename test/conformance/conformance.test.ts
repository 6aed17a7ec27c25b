/**
 * The MCP conformance suite, called directly and through the gateway with everything on: a token, a
 * decision, limits, pins and the audit log. The gateway has no list of failures to expect.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecords } from "../../engine/audit/read.ts";
import { type DevGateway, startDevGateway } from "../../engine/gateway/dev.ts";
import { nodeHost } from "../../engine/host/host.ts";
import { lint } from "../../engine/lint/lint.ts";
import { load } from "../../engine/policy/load.ts";
import { GRANT, writeRepository } from "./repository.ts";
import {
  type Check,
  type ConformanceRun,
  REQUIREMENTS,
  runConformance,
  scoredScenarios,
} from "./run.ts";
import { type ConformanceUpstream, startUpstream } from "./upstream.ts";

const root = mkdtempSync(join(tmpdir(), "phiward-conformance-"));
const folder = join(root, "policies");
const state = join(root, "state");

let upstream: ConformanceUpstream;
let dev: DevGateway;
let gatewayUrl: string;

beforeAll(async () => {
  upstream = await startUpstream();
  mkdirSync(folder);
  await writeRepository(folder, upstream.url);
  dev = await startDevGateway({ folder, state, host: nodeHost });
  gatewayUrl = await dev.gateway.listen("127.0.0.1", 0);
});
afterAll(async () => {
  await dev?.gateway.stop();
  await upstream?.stop();
  rmSync(root, { recursive: true, force: true });
});

test("the repository for the suite lints without a finding", async () => {
  const { findings } = lint(await load(nodeHost.folder(folder)), Date.now());
  expect(findings).toEqual([]);
});

describe.each(REQUIREMENTS)("the requirements of %s", (requirements) => {
  let direct: ConformanceRun;
  let through: ConformanceRun;

  beforeAll(async () => {
    const headers = { Authorization: `Bearer ${dev.tokens[GRANT]}` };
    direct = await runConformance(upstream.url, requirements);
    through = await runConformance(gatewayUrl, requirements, { headers });
  });

  test("are met by the server itself, so that a failure behind the gateway is the gateway's", () => {
    expect(troubles(direct, requirements)).toEqual([]);
    expect(direct.exit).toBe(0);
  });

  test("are met through the gateway", () => {
    expect(troubles(through, requirements)).toEqual([]);
    expect(through.exit).toBe(0);
  });

  test("give the same answer to every scored check, directly and through the gateway", () => {
    for (const scenario of scoredScenarios(requirements)) {
      expect({ scenario, checks: verdicts(through, scenario) }).toEqual({
        scenario,
        checks: verdicts(direct, scenario),
      });
    }
  });
});

test("the gateway has decided on what it let through, and recorded it", () => {
  const kinds = new Map<string, number>();
  for (const { kind } of readRecords(join(state, "audit"))) {
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  expect(kinds.get("decision")).toBeGreaterThan(100);
  expect(kinds.get("outcome")).toBeGreaterThan(100);
});

function verdicts({ scenarios }: ConformanceRun, scenario: string): string[] {
  return (scenarios.get(scenario)?.checks ?? []).map(({ id, status }) => `${id}: ${status}`);
}

/** Scored checks that failed, warned or were skipped, and scored scenarios that did not run. */
function troubles({ scenarios }: ConformanceRun, requirements: (typeof REQUIREMENTS)[number]) {
  return [...scoredScenarios(requirements)].flatMap((scenario) => {
    const checks = scenarios.get(scenario)?.checks;
    if (checks === undefined) return [`${scenario} did not run`];
    return checks
      .filter(isTrouble)
      .map(({ id, status, message }) => [scenario, id, status, message].join(" | "));
  });
}

function isTrouble({ status }: Check): boolean {
  return status !== "SUCCESS" && status !== "INFO";
}
