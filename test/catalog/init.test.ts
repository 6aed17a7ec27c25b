/** The first files of a repository: green on every day, and true to what was asked for. */
import { describe, expect, test } from "vitest";
import { initialFiles } from "../../engine/catalog/init.ts";
import { decide } from "../../engine/decide/decide.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import { lint } from "../../engine/lint/lint.ts";
import { type LoadedRepository, load, sound } from "../../engine/policy/load.ts";
import { formatDay } from "../../engine/policy/time.ts";
import { runTests } from "../../engine/testing/run.ts";
import { memoryTree } from "../support/tree.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 9, 1, 12);
const APPROVERS = ["team:privacy-officers", "login:m-chen"];

const filesAt = (now: number, more: { name?: string; approvers?: string[] } = {}) =>
  initialFiles({ name: "policies", approvers: APPROVERS, now, ...more });
const loaded = (files: Readonly<Record<string, string>>): Promise<LoadedRepository> =>
  load(memoryTree(files));

/** Everything that is not green about a repository, in words. */
async function troubles(files: Readonly<Record<string, string>>, now: number): Promise<string[]> {
  const repository = await loaded(files);
  const { findings } = lint(repository, now);
  const { cases } = runTests(prepare(sound(repository, { tests: true })), repository.tests, {
    now,
  });
  return [
    ...findings.map(
      ({ rule, message, place }) => `${place.file}:${place.line} ${rule}: ${message}`,
    ),
    ...cases
      .filter(({ status }) => status !== "passed")
      .map(({ name, reason }) => `${name}: ${reason}`),
    ...(cases.length === 0 ? ["no test was run"] : []),
  ];
}

describe("the first files", () => {
  test("are seven, and each but the workflow is read", async () => {
    const files = filesAt(NOW);
    expect(Object.keys(files)).toEqual([
      "phiward.yaml",
      "servers/ehr.yaml",
      "servers/ehr.lock.json",
      "policies/lookup.yaml",
      "grants/lookup-bot.yaml",
      "tests/lookup.test.yaml",
      ".github/workflows/phiward.yml",
    ]);
    expect((await loaded(files)).files).toBe(6);
  });

  const days = Array.from({ length: 366 }, (_, i) => Date.UTC(2028, 0, 1 + i, 12));

  test("load and test green on every day of a leap year", async () => {
    const red: string[] = [];
    for (const now of days) {
      const { findings, tests, repository } = await loaded(filesAt(now));
      const { passed, cases } = runTests(prepare(repository), tests, { now });
      if (findings.length > 0 || passed !== 4 || cases.length !== 4) red.push(formatDay(now));
    }
    expect(red).toEqual([]);
  });

  test("lint green at the ends of every month, and each week", async () => {
    const red: string[] = [];
    let judged = 0;
    for (const [i, now] of days.entries()) {
      const [, day] = /-([0-9]+)$/.exec(formatDay(now + DAY))!;
      if (i % 7 !== 0 && day !== "01" && day !== "02") continue;
      judged++;
      for (const trouble of await troubles(filesAt(now), now)) {
        red.push(`${formatDay(now)} ${trouble}`);
      }
    }
    expect(red).toEqual([]);
    expect(judged).toBeGreaterThan(60);
  });

  test.each(["2026-10-01T00:00:00.000Z", "2026-12-31T23:59:59.999Z", "2027-02-28T23:30:00-05:00"])(
    "are green at %s",
    async (at) => {
      const now = Date.parse(at);
      expect(await troubles(filesAt(now), now)).toEqual([]);
    },
  );

  test("a trouble would be seen: a grant that has ended is one", async () => {
    expect(await troubles(filesAt(NOW), NOW + 181 * DAY)).not.toEqual([]);
  });

  test("stay free of errors until the grant's notice begins", async () => {
    const now = NOW + 140 * DAY;
    expect(
      lint(await loaded(filesAt(NOW)), now).findings.filter((f) => f.severity === "error"),
    ).toEqual([]);
  });
});

describe("what they say", () => {
  const decideOn = async (tool: string, args: object) => {
    const repository = prepare(sound(await loaded(filesAt(NOW))));
    const call = { grant: "lookup-bot", server: "ehr", method: "tools/call", tool, at: NOW };
    return decide(repository, { ...call, args: args as never }).decision;
  };

  test.each<[tool: string, args: object, rule: string]>([
    ["get_patient_record", { patient_id: "p-1" }, ""],
    ["get_patient_record", {}, "(schema)"],
    ["get_patient_record", { patient_id: "p-1", all: true }, "(schema)"],
    ["get_patient_record", { patient_id: "p-1\np-2" }, "/tools/get_patient_record/require/0"],
    ["list_departments", {}, ""],
    ["search_patients", { query: "x" }, "(default deny)"],
    ["delete_patient", {}, "(default deny)"],
  ])("%s of %j: %j", async (tool, args, rule) => {
    expect((await decideOn(tool, args)).rule).toBe(rule);
  });

  test("the agreement is demanded, and signed from the first day", async () => {
    const { repository } = await loaded(filesAt(NOW));
    expect(repository.requireBaa).toBe(true);
    expect(repository.servers.ehr?.baa).toEqual({ status: "signed", signed: Date.UTC(2026, 9, 1) });
  });
});

describe("what was asked for", () => {
  const project = async (more: Parameters<typeof filesAt>[1]) => {
    const repository = await loaded(filesAt(NOW, more));
    expect(repository.findings).toEqual([]);
    return repository.project!.value;
  };

  // A folder's name becomes the bundle's: YAML reads some of them as something else than a text.
  test.each(["policies", "st-elsewhere", "2026", "1e3", "0x1f", "null", "true", "no", "0"])(
    "the name %s is that name",
    async (name) => {
      expect((await project({ name })).bundle).toEqual({ name });
      expect(await troubles(filesAt(NOW, { name }), NOW)).toEqual([]);
    },
  );

  test.each<[approvers: string[], written: object[]]>([
    [["team:privacy-officers"], [{ team: "privacy-officers", count: 1 }]],
    [
      APPROVERS,
      [
        { team: "privacy-officers", count: 1 },
        { login: "m-chen", count: 1 },
      ],
    ],
    [
      ["login:12345", "team:007", "login:null"],
      [
        { login: "12345", count: 1 },
        { team: "007", count: 1 },
        { login: "null", count: 1 },
      ],
    ],
    [[], []],
  ])("approvers %j", async (approvers, written) => {
    expect((await project({ approvers })).gate?.approvers).toEqual(written);
  });

  test("nobody is made up: without approvers the file says that none can approve", async () => {
    const text = filesAt(NOW, { approvers: [] })["phiward.yaml"]!;
    expect(text).toContain("Until somebody is named here, none can.");
    expect(await troubles(filesAt(NOW, { approvers: [] }), NOW)).toEqual([
      "phiward.yaml:11 no-approvers: the gate has no approvers, so that no broadening can ever pass",
    ]);
  });
});
