/** Recorded calls, read strictly and judged again. */
import { describe, expect, test } from "vitest";
import { type RecordedCall, readFixture } from "../../engine/calls/calls.ts";
import { ALL_FIXTURES, loadFixtures } from "../../engine/calls/fixtures.ts";
import type { ReadyRepository } from "../../engine/decide/prepare.ts";
import { PhiwardError } from "../../engine/errors.ts";
import { InexactNumber } from "../../engine/json/value.ts";
import type { Simulation } from "../../engine/simulate/report.ts";
import { simulate } from "../../engine/simulate/simulate.ts";
import { repositoryOf } from "../support/compile.ts";
import { memoryTree } from "../support/tree.ts";
import {
  type Fields,
  partsOf,
  policyFile,
  rulesOf,
  serverFile,
  type World,
} from "../support/world.ts";

const repository = (world: World = {}): ReadyRepository => repositoryOf(partsOf(world));

const line = (fields: Fields = {}): string =>
  JSON.stringify({
    v: 1,
    id: "c1",
    at: "2026-10-01T12:00:00Z",
    grant: "g1",
    server: "s1",
    tool: "t",
    args: {},
    ...fields,
  });

/** Recorded calls, one after the other, numbered from 1. */
const record = (...calls: Fields[]): RecordedCall[] =>
  calls.map((fields, i) =>
    readFixture("fixtures/a.jsonl", i + 1, line({ id: `c${i + 1}`, ...fields })),
  );

const ids = ({ gained, revoked }: Simulation) => ({
  gained: gained.map(({ id }) => id),
  revoked: revoked.map(({ id }) => id),
});

describe("against a base", () => {
  const base = repository({ policy: rulesOf({ args: ["a"] }) });
  const head = repository({ policy: rulesOf({ args: ["b"] }) });
  const calls = record({}, { args: { a: 1 } }, { args: { b: 1 } }, { args: { c: 1 } });

  test("calls are gained, revoked or unchanged", () => {
    const report = simulate(calls, head, base);
    expect(ids(report)).toEqual({ gained: ["c3"], revoked: ["c2"] });
    expect(report).toMatchObject({ total: 4, unchanged: 2, uncompared: 0, ephiGained: 1 });
  });

  test("a changed call names its fixture, both sides and the reason of the denial", () => {
    const { gained, revoked } = simulate(calls, head, base);
    const reason = "arguments that the policy does not grant: 1 that the tool does not describe";
    const denied = { verdict: "deny", rule: "/tools/t/args" };
    const allowed = { verdict: "allow", rule: "" };
    expect(gained).toEqual([
      {
        id: "c3",
        at: "2026-10-01T12:00:00.000Z",
        grant: "g1",
        server: "s1",
        method: "tools/call",
        tool: "t",
        ephi: true,
        effect: "read",
        base: denied,
        head: allowed,
        reason,
        file: "fixtures/a.jsonl",
        line: 3,
      },
    ]);
    expect(revoked).toMatchObject([{ id: "c2", base: allowed, head: denied, reason, line: 2 }]);
  });

  test("the same repository changes nothing", () => {
    const report = simulate(calls, head, head);
    expect(report).toMatchObject({
      total: 4,
      unchanged: 4,
      ephiGained: 0,
      gained: [],
      revoked: [],
    });
  });

  test("a denial by another rule is unchanged", () => {
    const other = repository({ policy: rulesOf({ args: ["b"] }, { hide: ["t"] }) });
    const report = simulate(record({ args: { c: 1 } }), other, base);
    expect(report).toMatchObject({ unchanged: 1, gained: [], revoked: [] });
  });

  test("a base is compared with, whatever verdict was recorded", () => {
    const recorded = record({ args: { b: 1 }, outcome: { verdict: "allow", rule: "" } });
    expect(ids(simulate(recorded, head, base)).gained).toEqual(["c1"]);
  });

  test("nothing recorded: nothing changed", () => {
    expect(simulate([], head, base)).toEqual({
      total: 0,
      gained: [],
      gainedTotal: 0,
      revoked: [],
      revokedTotal: 0,
      unchanged: 0,
      uncompared: 0,
      ephiGained: 0,
      gainedCells: [],
      ephi: { calls: 0, allowed: 0, denied: 0, gained: 0, revoked: 0 },
      byPerson: [],
      outOfOrder: 0,
      marked: { calls: 0, first: [], byPath: [] },
      head: { allowed: 0, denied: 0, byTool: [], byRule: {} },
    });
  });
});

describe("ePHI is what either side says it is", () => {
  const labelled = (ephi: boolean, rules: Fields) =>
    repository({
      policy: rulesOf(rules),
      server: serverFile({ tools: { t: { effect: "read", ephi } } }),
    });
  const calls = record({ args: { a: 1 } });

  // A change that also relabels the tool must not thereby leave the count.
  test.each<[base: boolean, head: boolean, counted: number]>([
    [true, true, 1],
    [true, false, 1],
    [false, true, 1],
    [false, false, 0],
  ])("base %s, head %s: %d", (before, after, counted) => {
    const report = simulate(calls, labelled(after, {}), labelled(before, { args: [] }));
    expect(report.gained).toHaveLength(1);
    expect(report.gained[0]?.ephi).toBe(counted === 1);
    expect(report.ephiGained).toBe(counted);
  });

  test("a revoked call is not counted among the gained", () => {
    const report = simulate(calls, labelled(true, { args: [] }), labelled(true, {}));
    expect(report).toMatchObject({ ephiGained: 0, revoked: [{ ephi: true }] });
  });
});

describe("without a base the recorded verdicts stand in for it", () => {
  const head = repository({ policy: rulesOf({ args: ["a"] }) });
  const calls = record(
    { outcome: { verdict: "deny", rule: "(default deny)" } },
    { outcome: { verdict: "deny" } },
    { outcome: { verdict: "allow", rule: "" } },
    { args: { b: 1 }, outcome: { verdict: "allow", rule: "", isError: true } },
    { args: { b: 1 } },
    { outcome: { isError: false } },
  );

  test("and a call without one is not compared", () => {
    const report = simulate(calls, head, undefined);
    expect(ids(report)).toEqual({ gained: ["c1", "c2"], revoked: ["c4"] });
    expect(report).toMatchObject({ total: 6, unchanged: 1, uncompared: 2, ephiGained: 2 });
  });

  test("the recorded rule is shown, where there is one", () => {
    const { gained, revoked } = simulate(calls, head, undefined);
    expect(gained.map(({ base }) => base)).toEqual([
      { verdict: "deny", rule: "(default deny)" },
      { verdict: "deny", rule: "" },
    ]);
    expect(revoked).toMatchObject([{ base: { verdict: "allow", rule: "" } }]);
  });
});

describe("quotas run in recorded time, each side's by itself", () => {
  const limited = (max: number, more: Fields = {}) =>
    repository({ policy: rulesOf({ limits: [{ counter: "c", window: "hour", max, ...more }] }) });
  const at = (...times: string[]) =>
    record(...times.map((time) => ({ at: `2026-10-01T${time}Z` })));

  test("a window that has passed is free again", () => {
    const calls = at("12:00:00", "12:30:00", "12:59:59.999", "13:00:00", "13:00:01");
    const report = simulate(calls, limited(1), limited(2));
    expect(ids(report)).toEqual({ gained: [], revoked: ["c2", "c5"] });
    expect(report).toMatchObject({ unchanged: 3, head: { allowed: 2, denied: 3 } });
  });

  test("a call that one side denied costs nothing there, and something on the other", () => {
    const patients = (max: number) => limited(max, { distinct: "subject", counter: "patients" });
    const calls = record(
      ...["p-1,p-2,p-3", "p-1", "p-4", "p-2", "p-5"].map((patient) => ({ args: { patient } })),
    );
    // Base takes p-1 to p-3 and then p-4; head refuses the three and has room for p-1 and p-4.
    expect(ids(simulate(calls, patients(2), patients(4)))).toEqual({
      gained: [],
      revoked: ["c1", "c4"],
    });
  });

  test("calls are judged in the order in which they stand", () => {
    const calls = at("12:00:02", "12:00:00");
    expect(simulate(calls, limited(1), limited(2)).revoked).toMatchObject([{ id: "c2" }]);
  });

  test("a second simulation starts afresh", () => {
    const calls = at("12:00:00", "12:00:01");
    const [head, base] = [limited(1), limited(2)];
    expect(simulate(calls, head, base)).toEqual(simulate(calls, head, base));
  });
});

describe("what head says of all of them", () => {
  test("by tool in the order of their names, by rule with the most frequent first", () => {
    const head = repository({ policy: policyFile({ tools: { b: { args: [] }, a: {} } }) });
    const calls = record(
      { tool: "b" },
      { tool: "b", args: { x: 1 } },
      { tool: "a" },
      { tool: "c" },
      { tool: "c" },
      { grant: "nobody", tool: "a" },
    );
    const { head: said } = simulate(calls, head, undefined);
    expect(said).toEqual({
      allowed: 2,
      denied: 4,
      byTool: [
        { tool: "a", allowed: 1, denied: 1, gained: 0, revoked: 0 },
        { tool: "b", allowed: 1, denied: 1, gained: 0, revoked: 0 },
        { tool: "c", allowed: 0, denied: 2, gained: 0, revoked: 0 },
      ],
      byRule: { "(default deny)": 2, "/tools/b/args": 1, "(no grant)": 1 },
    });
    expect(Object.keys(said.byRule)[0]).toBe("(default deny)");
  });

  test("no argument's value is in the report", () => {
    const base = repository();
    const head = repository({ policy: rulesOf({ args: [], on_deny: "ask" }) });
    const calls = record({ args: { patient: "Ann Example", "Bob Example": 918273 } });
    const text = JSON.stringify([simulate(calls, head, base), simulate(calls, base, head)]);
    expect(text).not.toMatch(/Ann|Bob|918273/);
  });
});

describe("one recorded call", () => {
  test("is a call with a place and what became of it", () => {
    const text = line({ args: { n: 1 }, outcome: { verdict: "deny", rule: "(hidden)" } });
    expect(readFixture("fixtures/a.jsonl", 7, text)).toEqual({
      id: "c1",
      call: {
        grant: "g1",
        server: "s1",
        method: "tools/call",
        tool: "t",
        args: { n: 1 },
        at: Date.UTC(2026, 9, 1, 12),
      },
      outcome: { verdict: "deny", rule: "(hidden)" },
      file: "fixtures/a.jsonl",
      line: 7,
    });
  });

  test("keeps a number that does not survive being read", () => {
    const text = line().replace('"args":{}', '"args":{"n":9007199254740993}');
    expect(readFixture("f", 1, text).call.args.n).toEqual(new InexactNumber("9007199254740993"));
  });

  const twice = (first: string, second: string): string =>
    line().replace('"args":{}', `"args":{"${first}":1,"${second}":2}`);

  /** With the text that begins where the problem is said to be. */
  test.each<[title: string, text: string, message: string, at: string]>([
    ["no JSON", "{nothing", "a key in double quotes is expected here", "nothing"],
    ["a broken end", line().slice(0, -1), "`,` or `}` is expected here", ""],
    ["two on a line", `${line()}{"w":1}`, "text after the end of the JSON document", '{"w"'],
    ["a list", "[]", "must be a mapping, not a list", "["],
    ["another version", line({ v: 2 }), "`v`", "2,"],
    ["a key that nobody knows", line({ "Ann Example": 1 }), "unknown key", '"Ann'],
    ["no id", line({ id: undefined }), "`id` is missing", "{"],
    ["no grant", line({ grant: undefined }), "`grant` is missing", "{"],
    ["no time", line({ at: undefined }), "`at` is missing", "{"],
    ["a time that is not UTC", line({ at: "2026-10-01T12:00:00+02:00" }), "`at`", '"2026'],
    ["no time of day", line({ at: "2026-10-01" }), "`at`", '"2026'],
    ["a day that is none", line({ at: "2026-02-30T12:00:00Z" }), "does not exist", '"2026'],
    ["a list of arguments", line({ args: ["Ann Example"] }), "`args` must be a mapping", '["Ann'],
    ["a verdict that is none", line({ outcome: { verdict: "Ann" } }), "`verdict`", '"Ann'],
    ["a key twice", twice("a", "a"), "a key stands twice in one object", '"a":2'],
    ["keys that differ in case", twice("a", "A"), "differ only in case", '"A":2'],
    ["a tool of another method", line({ method: "prompts/get" }), "only a tools/call", "{"],
  ])("%s is refused with its line and column", (_, text, message, at) => {
    const column = (at === "" ? text.length : text.indexOf(at)) + 1;
    const error = refusal(() => readFixture("fixtures/a.jsonl", 42, text));
    expect(error.message).toContain(message);
    expect(error.message + error.help).not.toContain("Ann");
    expect(error).toMatchObject({
      code: "INVALID_INPUT",
      place: { file: "fixtures/a.jsonl", line: 42, column },
    });
  });
});

function refusal(act: () => unknown): PhiwardError {
  try {
    act();
  } catch (error) {
    if (error instanceof PhiwardError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("fixture files", () => {
  const named = (...names: string[]) => names.map((id) => line({ id })).join("\n");
  const files = {
    "fixtures/b.jsonl": `${named("b1", "b2")}\n`,
    "fixtures/a.jsonl": named("a1"),
    "fixtures/deep/er/c.jsonl": `\n${named("c1")}\n\n  \n${named("c2")}\r\n`,
    "fixtures/notes.md": "# what is here",
    "fixtures/calls.json": line({ id: "json" }),
    "policies/p.jsonl": line({ id: "elsewhere" }),
  };
  const load = (glob?: string, more: Record<string, string | Uint8Array> = {}) =>
    loadFixtures(memoryTree({ ...files, ...more }), glob);

  test("are all *.jsonl below fixtures/, by name and line", async () => {
    const calls = await load();
    expect(calls.map(({ id }) => id)).toEqual(["a1", "b1", "b2", "c1", "c2"]);
    expect(await load(ALL_FIXTURES)).toEqual(calls);
  });

  test("empty lines are counted, and not read", async () => {
    const [first, second] = await load("fixtures/deep/**/*.jsonl");
    expect(first).toMatchObject({ id: "c1", file: "fixtures/deep/er/c.jsonl", line: 2 });
    expect(second).toMatchObject({ id: "c2", line: 5 });
  });

  test.each<[glob: string, ids: string[]]>([
    ["fixtures/a.jsonl", ["a1"]],
    ["./fixtures/a.jsonl", ["a1"]],
    ["fixtures/*.jsonl", ["a1", "b1", "b2"]],
    ["fixtures/{a,deep/er/c}.jsonl", ["a1", "c1", "c2"]],
    ["**/*.jsonl", ["a1", "b1", "b2", "c1", "c2"]],
  ])("glob %s", async (glob, expected) => {
    expect((await load(glob)).map(({ id }) => id)).toEqual(expected);
  });

  test.each(["fixtures/none.jsonl", "fixtures/*.json", "policies/*.jsonl", "*.jsonl", ""])(
    "a glob that matches none is an error: %j",
    async (glob) => {
      await expect(load(glob)).rejects.toMatchObject({
        code: "NO_FIXTURES",
        message: `no fixture matches \`${glob}\``,
      });
    },
  );

  test("a bad line stops the reading with its file and line", async () => {
    const bad = `${named("d1", "d2")}\n{"v":1,\n`;
    await expect(load(undefined, { "fixtures/d.jsonl": bad })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      place: { file: "fixtures/d.jsonl", line: 3 },
    });
  });

  test("bytes that are no UTF-8 are refused at their place", async () => {
    const bytes = new TextEncoder().encode(`${named("d1")}\n{"v":1,"id":"?"}`);
    bytes[bytes.indexOf(0x3f)] = 0xff;
    await expect(load(undefined, { "fixtures/d.jsonl": bytes })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: "not valid UTF-8",
      place: { file: "fixtures/d.jsonl", line: 2, column: 14 },
    });
  });

  test("a link is not followed", async () => {
    const tree = memoryTree(files);
    const linked = {
      ...tree,
      list: async () => (await tree.list()).map((file) => ({ ...file, link: true })),
    };
    await expect(loadFixtures(linked)).rejects.toMatchObject({ code: "NO_FIXTURES" });
  });
});
