/** The audit commands end to end, on a state folder as a gateway leaves it. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadOrCreateCheckpointKey } from "../../engine/audit/checkpoint.ts";
import { loadOrCreateSubjectKey, pseudonyms } from "../../engine/audit/pseudonym.ts";
import type { DecisionEntry, Entry } from "../../engine/audit/record.ts";
import { entries, START, uuid, writeLog } from "./generate.ts";

const root = resolve(import.meta.dirname, "../..");
const BIN = join(root, "dist/cli/bin.js");
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(JSON.parse(readFileSync(join(root, "schemas/report.schema.json"), "utf8")), "report");

let work = "";
const state = (): string => join(work, "state");

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "phiward-audit-cli-"));
  const { privateKey: key } = loadOrCreateCheckpointKey(join(state(), "keys", "checkpoint.pem"));
  const subjects = loadOrCreateSubjectKey(join(state(), "keys"), "v1");
  const { of } = pseudonyms(new Map([["v1", subjects]]), "v1");
  writeLog(join(state(), "audit"), accesses(of("p-17")), { everyRecords: 50, key });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A hundred entries, and three calls for one patient on the second day. */
function* accesses(pseudonym: string): Generator<Entry> {
  yield* entries(100);
  const at = START + 24 * 60 * 60 * 1000;
  const [first] = entries(1) as Generator<DecisionEntry>;
  const call: DecisionEntry = {
    ...first!,
    tool: "get_patient_record",
    ephi: true,
    volume: "single",
    verdict: "allow",
    rule: "",
    code: "allowed",
    subject: "named",
    subjects: [pseudonym],
  };
  yield { ...call, id: uuid(501), at: at + 1000 };
  yield {
    kind: "outcome",
    id: uuid(502),
    at: at + 1200,
    decision: uuid(501),
    status: "ok",
    ms: 200,
    bytes: 900,
    items: 1,
    resultSubjects: [pseudonym],
  };
  yield {
    ...call,
    id: uuid(503),
    at: at + 2000,
    verdict: "deny",
    rule: "(expired)",
    code: "expired",
  };
  // What a server calls its tool is written into a spreadsheet and onto a terminal.
  const hostile = '=HYPERLINK("x")\u001b[2J';
  yield { ...call, id: uuid(504), at: at + 3000, tool: hostile, subject: "unknown", subjects: [] };
}

function phiward(args: readonly string[], input = "") {
  return spawnSync(process.execPath, [BIN, "audit", ...args], {
    cwd: work,
    encoding: "utf8",
    input,
    env: { ...process.env, PHIWARD_STATE: state() },
  });
}

function json(name: string, args: readonly string[], exit = 0, input = "") {
  const { stdout, stderr, status } = phiward([...args, "--json"], input);
  expect(status, stderr).toBe(exit);
  const report = JSON.parse(stdout);
  const valid = ajv.getSchema(`report#/$defs/${name}`)!;
  expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
  return report;
}

/** A copy of the state folder in which something was changed. */
function changed(name: string, change: (log: string) => void): string {
  const copy = join(work, name);
  cpSync(state(), copy, { recursive: true });
  change(join(copy, "audit", "0000000001.jsonl"));
  return copy;
}

describe("audit who", () => {
  test("lists the calls of a patient, apart from those that may have been, and never says the id", () => {
    const report = json("auditWho", ["who", "--patient", "-"], 0, "Patient/p-17\n");
    expect(report.accesses).toMatchObject([
      { decision: uuid(501), verdict: "allow", outcome: "ok", via: "call", pullRequest: null },
      { decision: uuid(503), verdict: "deny", rule: "(expired)", outcome: null },
    ]);
    expect(report.possible[0]).toMatchObject({ decision: uuid(504), why: "unknown patient" });
    expect(report.totals).toMatchObject({ allowed: 1, denied: 1 });
    expect(report.index).toMatchObject({ lag: 0 });
    expect(JSON.stringify(report)).not.toContain("p-17");
    const { stdout, stderr } = phiward(["who", "--patient", "p-17"]);
    expect(stdout).toContain("2 calls of this patient: 1 allowed, 1 denied");
    expect(stdout).toContain("the bundle names no pull request and no approver");
    expect(stdout + stderr).not.toContain("p-17");
    // An escape sequence of a tool's name cannot reach the terminal.
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toContain("\\u001b[2J");
  });

  test("of nobody is an answer, and so is a period without a call", () => {
    const nobody = phiward(["who", "--patient", "p-99"]);
    expect(nobody).toMatchObject({ status: 0, stderr: "" });
    expect(nobody.stdout).toContain("no recorded call names this patient");
    // A day counts whole.
    const on = (day: string): number =>
      json("auditWho", ["who", "--patient", "p-17", "--from", day, "--to", day]).accesses.length;
    expect([on("2026-01-01"), on("2026-01-02"), on("2026-01-03")]).toEqual([0, 2, 0]);
  });

  test.each([
    [["who"], "USAGE"],
    [["who", "--patient", "a,b"], "USAGE"],
    [["who", "--patient", "p-17", "--from", "yesterday"], "USAGE"],
    [["who", "--patient", "p-17", "--state", "nowhere"], "NO_AUDIT_LOG"],
    [["query", "--after", "x"], "USAGE"],
    [["verify", "--public-key", "nowhere.pem"], "UNREADABLE"],
  ])("%j is error %s", (args, code) => {
    const { error } = json("error", args, 2);
    expect(error.code).toBe(code);
    expect(error.message).not.toContain("p-17");
  });
});

describe("audit query", () => {
  test("gives records as they stand in the log, newest first, page by page", () => {
    const lines = readFileSync(join(state(), "audit", "0000000001.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    const expected = lines.map((line) => JSON.parse(line)).reverse();
    const seen: { outcome?: unknown }[] = [];
    for (let after: string[] = []; ; ) {
      const page = json("auditQuery", ["query", "--limit", "40", ...after]);
      seen.push(...page.records);
      if (page.next === undefined) break;
      after = ["--after", page.next];
    }
    expect(seen.map(({ outcome, ...record }) => record)).toEqual(expected);
    expect(seen.filter(({ outcome }) => outcome !== undefined).length).toBeGreaterThan(30);
  });

  test("filters, in every format", () => {
    const filter = ["query", "--verdict", "deny", "--from", "2026-01-02"];
    expect(json("auditQuery", filter).records).toMatchObject([{ id: uuid(503) }]);
    const lines = phiward([...filter, "--format", "jsonl"])
      .stdout.trimEnd()
      .split("\n");
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([uuid(503)]);
    expect(phiward(filter).stdout).toMatch(/get_patient_record +denied by \(expired\)\n$/);
    const none = phiward(["query", "--principal", "agent:nobody"]);
    expect(none).toMatchObject({ status: 0, stdout: "no record\n" });
  });

  test("writes tables that no spreadsheet runs", () => {
    const { stdout } = phiward(["query", "--kind", "decision", "--limit", "1", "--format", "csv"]);
    const [head, row, ...rest] = stdout.trimEnd().split("\r\n") as [string, string];
    expect(rest).toEqual([]);
    expect(head).toMatch(/^seq,at,node,kind,id,grant,principal,/);
    expect(row).toContain(`,"'=HYPERLINK(""x"")`);
  });
});

describe("audit verify", () => {
  test("of a whole log says so, and on whose word", () => {
    const own = json("auditVerify", ["verify"]);
    expect(own).toMatchObject({ verdict: "whole", key: "own", problems: [], records: 107 });
    const key = join(state(), "keys", "checkpoint.pem.pub");
    const notes = join(state(), "audit", "checkpoints.notes");
    const args = ["verify", "--public-key", key, "--checkpoint", notes];
    expect(json("auditVerify", args)).toMatchObject({ verdict: "whole", key: "given" });
    expect(phiward(["verify"]).stdout).toContain("which is its own word");
    expect(phiward(args).stdout).toContain("3 signatures checked with the key that was given");
  });

  test("of a broken one says where, with exit code 3", () => {
    const copy = changed("edited", (log) => {
      const lines = readFileSync(log, "utf8").split("\n");
      lines[20] = lines[20]!.replace('"at":"2026', '"at":"2025');
      writeFileSync(log, lines.join("\n"));
    });
    const report = json("auditVerify", ["verify", "--state", copy], 3);
    expect(report).toMatchObject({
      verdict: "broken",
      problems: [{ kind: "edited", segment: "0000000001.jsonl", line: 21, seq: 21 }],
    });
    const { stdout, status } = phiward(["verify", "--state", copy]);
    expect(status).toBe(3);
    expect(stdout).toMatch(
      /^0000000001\.jsonl:21 {2}edited {2}record 21: it is not what was written/,
    );
    // Questions are still answered, and the answer is marked. An index that had read the record
    // before would not look at it again, unless it is to be shown.
    for (const suffix of ["", "-wal", "-shm"]) {
      rmSync(join(copy, "audit", `index.sqlite${suffix}`), { force: true });
    }
    const who = json("auditWho", ["who", "--patient", "p-17", "--state", copy], 3);
    expect(who.accesses).toHaveLength(2);
    expect(who.problems.length).toBeGreaterThan(0);
    expect(phiward(["query", "--state", copy]).stdout).toContain("the log is not what was written");
  });

  test("a log that lost its end is broken for every command that has seen it", () => {
    const copy = changed("cut", (log) => truncateSync(log, 30_000));
    json("auditVerify", ["verify", "--state", copy], 3);
    const { error } = json("error", ["query", "--state", copy], 3);
    expect(error.code).toBe("AUDIT_BROKEN");
  });
});
