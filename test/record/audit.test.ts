/** Fixtures of an audit log: keys are real, values are not, and what can be replayed is said. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { DecisionEntry } from "../../engine/audit/record.ts";
import { loadFixtures } from "../../engine/calls/fixtures.ts";
import { nodeHost } from "../../engine/host/host.ts";
import { fixturesFromAudit } from "../../engine/record/index.ts";
import { simulate } from "../../engine/simulate/simulate.ts";
import { openLog, temporaryFolder } from "../audit/folder.ts";
import { FILES, repository } from "./world.ts";

const AT = Date.UTC(2026, 10, 24, 12);
const PATIENTS = ["aa", "bb", "cc", "dd"].map((part) => part.repeat(32));

function decision(more: Partial<DecisionEntry>): DecisionEntry {
  return {
    kind: "decision",
    at: AT,
    grant: "nurse",
    principal: "agent:nurse",
    purpose: "treatment",
    server: "ehr",
    method: "tools/call",
    tool: "get_patient",
    argKeys: ["patient_id"],
    argsOther: 0,
    subjects: [],
    subject: "none",
    volume: "single",
    ephi: true,
    effect: "read",
    verdict: "allow",
    rule: "",
    code: "allowed",
    policy: null,
    bundle: null,
    quota: [],
    ...more,
  };
}

const deny = (rule: string): Partial<DecisionEntry> => ({ verdict: "deny", rule, code: "denied" });

let root: string;
let folder: string;

beforeEach(() => {
  root = temporaryFolder();
  folder = join(root, "policy");
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
});

async function fixturesOf(entries: readonly DecisionEntry[]) {
  const log = await openLog(join(root, "audit"));
  for (const entry of entries) await log.append(entry).durable;
  const report = await fixturesFromAudit({
    folder,
    audit: root,
    server: "ehr",
    grant: undefined,
    output: undefined,
    state: join(root, "recorder"),
    maxCalls: 100,
    host: nodeHost,
  });
  const lines = await loadFixtures(nodeHost.folder(folder));
  return { report, lines, text: readFileSync(report.file, "utf8") };
}

test("a line is written where keys alone give the recorded verdict, and marked where they do not", async () => {
  const { report, lines } = await fixturesOf([
    decision({ tool: "delete_all", argKeys: [], ...deny("(default deny)") }),
    decision({ method: "prompts/get", tool: "", argKeys: [], ...deny("(method)") }),
    decision({ subjects: PATIENTS.slice(0, 1), subject: "named" }),
    // The number was above its limit, which no placeholder says.
    decision({ argKeys: ["count", "patient_id"], ...deny("/tools/get_patient/deny_if/0") }),
    decision({ tool: "", method: "tools/list", argKeys: [], code: "built_in" }),
  ]);
  expect(report).toMatchObject({ values: "keys", calls: 4, written: 3, byKeysAlone: 2 });
  expect(report.skipped).toEqual([
    {
      why: "verdict",
      tool: "get_patient",
      rule: "/tools/get_patient/deny_if/0",
      replacedRule: "",
      calls: 1,
    },
  ]);
  expect(simulate(lines, repository(), undefined)).toMatchObject({
    unchanged: 3,
    marked: { calls: 1, byPath: [{ path: "args.patient_id", calls: 1 }] },
  });
});

test("patients that the log tells apart are told apart, under names that are not the log's", async () => {
  const { report, text } = await fixturesOf(
    [0, 1, 2, 3, 0].map((i) =>
      decision({
        subjects: [PATIENTS[i]!],
        subject: "named",
        ...(i === 3 ? deny("/tools/get_patient/limits/0") : {}),
      }),
    ),
  );
  expect(report).toMatchObject({ written: 5, denied: 1, notWritten: 0 });
  const ids = text.match(/p-[0-9a-f]{12}/g)!;
  expect(new Set(ids).size).toBe(4);
  expect(ids[0]).toBe(ids[4]);
  for (const pseudonym of PATIENTS) expect(text).not.toContain(pseudonym.slice(0, 8));
});
