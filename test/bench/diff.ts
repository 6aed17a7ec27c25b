/** The proof: a pair of rules, and whole repositories of 200 tools × 20 conditions × 50 grants. */
import { compare } from "../../engine/compare/compare.ts";
import { type LoadedRepository, load } from "../../engine/policy/load.ts";
import { proveTool } from "../../engine/prove/prove.ts";
import { PAIRS } from "../prove/pairs.ts";
import { sideOf } from "../prove/sides.ts";
import { memoryTree } from "../support/tree.ts";
import { agreeWithZ3 } from "../z3/agreement.ts";
import { median, time } from "./measure.ts";

/** 200 tools in all: ten kinds of agents, each with a policy about its own twenty. */
const TOOLS = 20;
const CONDITIONS = 20;
const GRANTS = 50;
const POLICIES = 10;

/** Policies of 200 tools with 20 conditions each; `changed` says which tools of which policies differ. */
export async function repository(
  changed: (policy: number, tool: number) => "same" | "rewritten" | "widened",
): Promise<LoadedRepository> {
  const files: Record<string, string> = {};
  for (let p = 0; p < POLICIES; p++) {
    const tools: Record<string, unknown> = {};
    for (let t = 0; t < TOOLS; t++) {
      const n = p * TOOLS + t;
      tools[`tool_${n}`] = { require: entries(n, changed(p, t)) };
    }
    files[`policies/p${p}.json`] = JSON.stringify({ version: "1", default: "deny", tools });
  }
  const labels = Object.fromEntries(
    Array.from({ length: POLICIES * TOOLS }, (_, t) => [
      `tool_${t}`,
      { effect: "read", ephi: true, volume: "single", subject: "args.a0" },
    ]),
  );
  files["servers/ehr.json"] = JSON.stringify({ version: "1", id: "ehr", tools: labels });
  for (let g = 0; g < GRANTS; g++) {
    files[`grants/g${g}.json`] = JSON.stringify({
      version: "1",
      principal: { kind: "agent", id: `agent:${g}` },
      purpose: "treatment",
      access: [{ server: "ehr", policy: `p${g % POLICIES}` }],
      attributes: { ward: `ward-${g}` },
      issued: "2026-09-01",
      expires: "2027-03-01",
    });
  }
  const loaded = await load(memoryTree(files));
  const [finding] = loaded.findings;
  if (finding !== undefined) throw new Error(`${finding.place.file}: ${finding.message}`);
  return loaded;
}

/** Twenty conditions of mixed kinds; rewritten ones say the same in other words. */
function entries(tool: number, how: "same" | "rewritten" | "widened"): object[] {
  return Array.from({ length: CONDITIONS }, (_, c) => {
    const path = `args.a${c}`;
    switch (c % 4) {
      case 0:
        return how === "rewritten"
          ? { path, op: "regex", value: `^p-[0-9]{1,${6 + (tool % 3)}}\\z` }
          : { path, op: "matches", value: `p-[0-9]{1,${6 + (tool % 3)}}` };
      case 1:
        return { path, op: "lte", value: how === "widened" && c === 1 ? 101 + tool : 100 + tool };
      case 2:
        return how === "rewritten"
          ? { any_of: ["north", "east", "south"].map((value) => [{ path, op: "eq", value }]) }
          : { path, op: "in", value: ["north", "east", "south"] };
      default:
        return how === "rewritten"
          ? { path, op: "regex", value: `^ward-${tool}/` }
          : { path, op: "starts_with", value: `ward-${tool}/` };
    }
  });
}

export async function benchDiff(): Promise<void> {
  benchPairs();
  const base = await repository(() => "same");
  console.log(
    `\ndiff after loading: ${POLICIES * TOOLS} tools × ${CONDITIONS} conditions (${POLICIES} policies of ${TOOLS} tools), ${GRANTS} grants`,
  );
  for (const [name, changed] of [
    ["nothing changed", () => "same"],
    ["one policy rewritten, meaning kept", (p: number) => (p === 0 ? "rewritten" : "same")],
    [
      "one tool of one policy widened",
      (p: number, t: number) => (p === 0 && t === 7 ? "widened" : "same"),
    ],
    ["one policy widened in every tool", (p: number) => (p === 0 ? "widened" : "same")],
    ["everything rewritten, meaning kept", () => "rewritten"],
  ] as const) {
    const head = await repository(changed as Parameters<typeof repository>[0]);
    const samples: number[] = [];
    let verdict = "";
    for (let run = 0; run < 15; run++) {
      const start = performance.now();
      verdict = compare(base, head, { base: "base", head: "head" }).verdict;
      samples.push(performance.now() - start);
    }
    const worst = Math.max(...samples);
    console.log(
      `  ${name.padEnd(38)} ${verdict.padEnd(9)} median ${time(median(samples) * 1e6).padStart(9)}  worst of 15 ${time(worst * 1e6).padStart(9)}`,
    );
  }
}

/** The same random pairs, by the prover and by Z3; only those that Z3 decides count. */
export async function benchZ3(): Promise<void> {
  const { decided, milliseconds, problems } = await agreeWithZ3({
    from: 20_000,
    decided: 60,
    milliseconds: 5_000,
  });
  if (problems.length > 0) throw new Error(problems[0]);
  const { prover, z3 } = milliseconds;
  console.log(
    `\nprove beside Z3: ${decided} random pairs that Z3 decides\n  prover ${time((prover / decided) * 1e6)} a pair, Z3 ${time((z3 / decided) * 1e6)} a pair: × ${(z3 / prover).toFixed(0)}`,
  );
}

function benchPairs(): void {
  const samples: number[] = [];
  for (const { base, head, schemas, constants } of PAIRS) {
    const sides = [
      sideOf({ rules: base, allTools: {}, schema: schemas?.[0] }, constants?.[0] ?? "free"),
      sideOf({ rules: head, allTools: {}, schema: schemas?.[1] }, constants?.[1] ?? "free"),
    ] as const;
    for (const [from, to] of [sides, [sides[1], sides[0]]] as const) {
      const times: number[] = [];
      for (let run = 0; run < 5; run++) {
        const start = performance.now();
        proveTool(from, to);
        times.push(performance.now() - start);
      }
      samples.push(median(times));
    }
  }
  samples.sort((a, b) => a - b);
  const at = (share: number): string =>
    time(samples[Math.min(samples.length - 1, Math.floor(samples.length * share))]! * 1e6);
  console.log(
    `\nprove: ${samples.length} directed pairs of the table\n  median ${at(0.5)}  p90 ${at(0.9)}  p99 ${at(0.99)}  max ${at(1)}`,
  );
}
