/** Runs the MCP conformance suite against a URL, as its own program, and reads what it found. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { startHeaderShim } from "../support/header-shim.ts";

/** The frozen sets of scenarios, one for each revision. */
export const REQUIREMENTS = ["2025-11-25", "2026-07-28"] as const;
export type Requirements = (typeof REQUIREMENTS)[number];

export interface Check {
  readonly id: string;
  /** `SUCCESS`, `FAILURE`, `WARNING`, `SKIPPED` or `INFO`, as the suite says it. */
  readonly status: string;
  /** Why, where the suite says it. */
  readonly message?: string;
}

export interface ScenarioResult {
  readonly passed: number;
  readonly failed: number;
  readonly checks: readonly Check[];
}

export interface ConformanceRun {
  /** 0: every scored scenario has passed. */
  readonly exit: number;
  readonly passed: number;
  readonly failed: number;
  readonly scenarios: ReadonlyMap<string, ScenarioResult>;
}

export interface RunOptions {
  /** Added to every request. The suite cannot do it, so a forwarder stands between. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The package is a program: it exports nothing that could be resolved. */
const SUITE = fileURLToPath(
  new URL("../../node_modules/@modelcontextprotocol/conformance", import.meta.url),
);
const BOUND_MS = 25_000;

export async function runConformance(
  url: string,
  requirements: Requirements,
  { headers = {} }: RunOptions = {},
): Promise<ConformanceRun> {
  const output = mkdtempSync(join(tmpdir(), "phiward-conformance-"));
  const shim = Object.keys(headers).length === 0 ? undefined : await startHeaderShim(url, headers);
  try {
    const exit = await runSuite(shim?.url ?? url, requirements, output);
    return summed(exit, readResults(output));
  } finally {
    await shim?.stop();
    rmSync(output, { recursive: true, force: true });
  }
}

/** The scenarios that count for a revision. The suite runs others beside them, such as extensions. */
export function scoredScenarios(requirements: Requirements): ReadonlySet<string> {
  const text = readFileSync(join(SUITE, "requirements", `${requirements}.yaml`), "utf8");
  return new Set((parse(text) as { server: string[] }).server);
}

function runSuite(url: string, requirements: Requirements, output: string): Promise<number> {
  const program = join(SUITE, "dist", "index.js");
  const args = ["server", "--url", url, "--requirements", requirements, "--output-dir", output];
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      { timeout: BOUND_MS, killSignal: "SIGKILL", maxBuffer: 64 * 1024 * 1024 },
      (error) => {
        if (child.exitCode === null) reject(error ?? new Error("the suite was ended"));
        else resolve(child.exitCode);
      },
    );
  });
}

/** One folder for each scenario: `server-<scenario>-<time>/checks.json`. */
function readResults(output: string): Map<string, ScenarioResult> {
  const results = new Map<string, ScenarioResult>();
  for (const folder of readdirSync(output).sort()) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[-\d]+Z$/.exec(folder)?.[1];
    if (scenario === undefined) throw new Error(`no result of a scenario: ${folder}`);
    const found = JSON.parse(readFileSync(join(output, folder, "checks.json"), "utf8")) as {
      id: string;
      status: string;
      errorMessage?: string;
    }[];
    const checks = found.map(({ id, status, errorMessage }) => ({
      id,
      status,
      ...(errorMessage === undefined ? {} : { message: errorMessage }),
    }));
    results.set(scenario, { ...count(checks), checks });
  }
  return results;
}

function count(checks: readonly Check[]): { passed: number; failed: number } {
  const of = (status: string): number => checks.filter((check) => check.status === status).length;
  return { passed: of("SUCCESS"), failed: of("FAILURE") };
}

function summed(exit: number, scenarios: ReadonlyMap<string, ScenarioResult>): ConformanceRun {
  const all = [...scenarios.values()].flatMap(({ checks }) => checks);
  return { exit, ...count(all), scenarios };
}
