/** The gate: lint, test, simulate and diff in one verdict, by base's phiward.yaml. */
import { describe, expect, test } from "vitest";
import type { Approvals } from "../../engine/gate/approvals.ts";
import { approverGroups, missingApprovals } from "../../engine/gate/approvers.ts";
import { conclude } from "../../engine/gate/conclude.ts";
import { type GateOptions, type GateWorld, gate } from "../../engine/gate/gate.ts";
import { readApprovals } from "../../engine/gate/read-approvals.ts";
import type { ApproverGroup, GateReport } from "../../engine/gate/report.ts";
import type { Tree } from "../../engine/host/tree.ts";
import { emptyRepository } from "../../engine/policy/load.ts";
import { filesOf, policy, type RepositoryDocument } from "../compare/repository.ts";
import { GRANT, hospital, NOW, REVIEWED, TESTS } from "../render/reports.ts";
import { memoryTree } from "../support/tree.ts";

const WIDER = { policies: { lookup: policy({ read: {}, search: {} }) } };
/** Wider, but only where no patient data is. */
const ASIDE = {
  policies: { lookup: policy({ read: { require: [PATIENT()] }, departments: {} }) },
};
function PATIENT(): object {
  return { path: "args.patient", op: "matches", value: "p-[0-9]+" };
}
const COMMON = { policies: { lookup: policy({ read: { require: [PATIENT()] } }) } };

async function judged(
  base: RepositoryDocument,
  head: RepositoryDocument,
  world: Partial<GateWorld> = {},
  options: GateOptions = { reviewed: REVIEWED },
): Promise<GateReport> {
  return await gate(
    {
      base: memoryTree(filesOf(base), "base"),
      head: memoryTree(filesOf(head), "head"),
      now: NOW,
      ...world,
    },
    options,
  );
}

const codes = ({ reasons }: GateReport): string[] => reasons.map(({ code }) => code);

const APPROVED: Approvals = {
  satisfied: true,
  commit: REVIEWED,
  groups: [{ group: "team privacy-officers", needed: 1, by: [{ person: "p-example" }] }],
  problems: [],
};

describe("one verdict", () => {
  test("nothing changed: it passes, and every phase was asked", async () => {
    const report = await judged(hospital(), hospital());
    expect(report).toMatchObject({
      verdict: "same",
      blocks: false,
      approved: false,
      passed: true,
      exit: 0,
      reasons: [],
      warnings: [],
      test: { passed: 1 },
      simulate: { total: 0 },
      diff: { changes: [] },
    });
  });

  test("what became wider blocks with 1, and what could not be proved with 2", async () => {
    const wider = await judged(hospital(), hospital(WIDER));
    expect([wider.verdict, wider.exit, codes(wider)]).toEqual([
      "broader",
      1,
      ["BROADER", "NOT_APPROVED"],
    ]);
    // The prover does not know `contains`, so it cannot say what a call of this schema may hold.
    const ids = { type: "array", contains: { type: "string" } };
    const locks = { ehr: { read: { type: "object", properties: { ids }, required: ["ids"] } } };
    const unclear = await judged(
      hospital({ ...COMMON, locks, tests: {} }),
      hospital({ policies: { lookup: policy({ read: {} }) }, locks, tests: {} }),
    );
    expect(unclear.reasons.map(({ code, exit }) => [code, exit])).toContainEqual(["UNPROVED", 2]);
    expect(unclear.exit).toBe(2);
  });

  test("outside of base's scope it is reported, and does not block", async () => {
    const report = await judged(hospital(COMMON), hospital(ASIDE));
    expect(report).toMatchObject({ verdict: "broader", blocks: false, passed: true, exit: 0 });
  });

  // The gate that judges is base's: head cannot widen the scope of what it may do.
  test("the scope is base's, whatever head says", async () => {
    const all = { version: "1", gate: { scope: "all", approvers: [{ team: "privacy-officers" }] } };
    const report = await judged(hospital({ ...COMMON, project: all }), hospital(ASIDE));
    expect(report).toMatchObject({ blocks: true, exit: 1 });
    expect(report.diff!.scope).toBe("all");
  });

  // Otherwise a change could bring in a server, call it harmless, and leave the gate's scope.
  test("a tool of a new server stays in scope for the change that labels it", async () => {
    const lab = {
      version: "1",
      id: "lab",
      transport: { type: "http", url: "https://lab.example.org" },
      tools: { read_all: { effect: "read", ephi: false, volume: "single", subject: "none" } },
    };
    const report = await judged(
      hospital(COMMON),
      hospital({
        servers: { ...hospital().servers, lab },
        policies: { ...COMMON.policies, lab: policy({ read_all: {} }) },
        grants: {
          bot: {
            ...GRANT,
            access: [
              { server: "ehr", policy: "lookup" },
              { server: "lab", policy: "lab" },
            ],
          },
        },
      }),
    );
    const access = report.diff!.changes.find(
      ({ tool, kind }) => tool === "read_all" && kind === "access",
    );
    expect(access).toMatchObject({ verdict: "broader", ephi: true, blocks: true });
  });

  test("a failed test is a reason of its own, approved or not", async () => {
    const failing = { ...TESTS, cases: [{ ...TESTS.cases[0]!, expect: "deny" }] };
    const report = await judged(hospital(), hospital({ tests: { lookup: failing } }));
    expect([report.exit, codes(report), report.verdict]).toEqual([1, ["TEST"], "same"]);
    const approved = await judged(hospital(), hospital({ ...WIDER, tests: { lookup: failing } }), {
      approvals: async () => APPROVED,
    });
    expect(approved).toMatchObject({ approved: true, passed: false });
    expect(codes(approved)).toEqual(["TEST"]);
  });

  test("a lint error blocks, a warning does not", async () => {
    const error = await judged(hospital(), hospital({ locks: {} }));
    expect(codes(error)).toEqual(expect.arrayContaining(["LINT"]));
    const { justification: _, ...terse } = GRANT as Record<string, unknown>;
    const warning = await judged(hospital(), hospital({ grants: { bot: terse } }));
    expect(warning.passed).toBe(true);
  });

  test("the gravest phase decides, and stands first", async () => {
    const report = await judged(
      hospital(),
      hospital({ ...WIDER, tests: { lookup: { ...TESTS, cases: [{ name: "x" }] } } }),
    );
    const exits = report.reasons.map(({ exit }) => exit);
    expect(exits).toEqual([...exits].sort().reverse());
    expect(report.exit).toBe(exits[0]);
  });
});

describe("what cannot be answered", () => {
  const broken = { raw: { "policies/broken.yaml": "tools: [" } };

  test("a head with errors: its findings are listed, and nothing is proved", async () => {
    const report = await judged(hospital(), hospital(broken));
    expect(codes(report)).toEqual(["INVALID_HEAD", "LINT"]);
    expect(report).toMatchObject({ exit: 2, verdict: "unknown", blocks: true, passed: false });
    expect([report.diff, report.test, report.simulate]).toEqual([undefined, undefined, undefined]);
    expect(report.lint.findings.some(({ place }) => place.file === "policies/broken.yaml")).toBe(
      true,
    );
  });

  test("a base with errors: nobody can say what a change does to it", async () => {
    const report = await judged(hospital(broken), hospital());
    expect(codes(report)).toEqual(["INVALID_BASE"]);
    expect(report.exit).toBe(2);
  });

  test("tests that cannot be read are no tests that hold", async () => {
    const report = await judged(hospital(), hospital({ tests: { lookup: { version: "9" } } }));
    expect(codes(report)).toEqual(expect.arrayContaining(["INVALID_TESTS", "LINT"]));
    expect(report).toMatchObject({ test: undefined, exit: 2 });
  });

  test("a recorded call that cannot be read is a finding, and the others are replayed", async () => {
    const line = { v: 1, id: "c1", at: "2026-10-01T12:00:00Z", grant: "bot", server: "ehr" };
    const call = JSON.stringify({ ...line, tool: "read", args: { patient: "p-1" } });
    const raw = { "fixtures/calls.jsonl": `${call}\nnot a call\n${call}\n` };
    const report = await judged(hospital(), hospital({ raw }));
    expect(report.simulate!.total).toBe(2);
    expect(codes(report)).toEqual(["LINT"]);
    expect(report.lint.findings[0]).toMatchObject({
      rule: "invalid-fixture",
      place: { file: "fixtures/calls.jsonl", line: 2 },
    });
  });
});

describe("the first policy, and the last", () => {
  const nothing = memoryTree({}, "nothing");

  test("without a base gate a broadening cannot pass, whoever approves it", async () => {
    const report = await judged({}, hospital(), { base: nothing, approvals: async () => APPROVED });
    expect(report).toMatchObject({ verdict: "broader", approved: false, exit: 1 });
    expect(codes(report)).toEqual(["BROADER", "NO_BASE_GATE"]);
  });

  test("without approvers neither", async () => {
    const open = { version: "1", gate: { approvers: [] } };
    const report = await judged(
      hospital({ project: open }),
      hospital({ ...WIDER, project: open }),
      {
        approvals: async () => APPROVED,
      },
    );
    expect(codes(report)).toEqual(["BROADER", "NO_APPROVERS"]);
    expect(report.approved).toBe(false);
  });

  test("a head that names itself as approver is judged by base", async () => {
    const own = { version: "1", gate: { approvers: [{ login: "mallory" }] } };
    const mine = {
      ...APPROVED,
      groups: [{ group: "login mallory", needed: 1, by: [{ person: "mallory" }] }],
    };
    const report = await judged(hospital(), hospital({ ...WIDER, project: own }), {
      approvals: async () => mine,
    });
    expect(report.requires.map(({ group }) => group)).toEqual(["team privacy-officers"]);
    expect(codes(report)).toEqual(["BROADER", "NOT_APPROVED"]);
  });

  test("a head without any policy takes everything away, and with it the gate", async () => {
    const report = await judged(hospital(), {}, { head: nothing });
    expect(report.diff!.changes.map(({ kind }) => kind)).toContain("gate");
    expect(report).toMatchObject({ blocks: true, passed: false });
  });
});

describe("approvals", () => {
  test("are asked for only when the change needs them", async () => {
    const asked: (readonly ApproverGroup[])[] = [];
    const approvals = async (groups: readonly ApproverGroup[]): Promise<Approvals> => {
      asked.push(groups);
      return APPROVED;
    };
    await judged(hospital(), hospital(), { approvals });
    await judged(hospital(WIDER), hospital(), { approvals });
    expect(asked).toEqual([]);
    const report = await judged(hospital(), hospital(WIDER), { approvals });
    expect(asked).toEqual([report.requires]);
    expect(report).toMatchObject({ approved: true, passed: true, exit: 0, verdict: "broader" });
  });

  test("of whoever cannot be asked, the gate fails and does not guess", async () => {
    const down = async (): Promise<Approvals> => {
      throw new Error("down");
    };
    await expect(judged(hospital(), hospital(WIDER), { approvals: down })).rejects.toThrow("down");
  });

  const two: readonly ApproverGroup[] = approverGroups({
    project: {
      file: "phiward.yaml",
      value: {
        version: "1",
        gate: {
          approvers: [
            { team: "privacy", count: 2 },
            { login: "Sam" },
            // The same group again asks for one more of it.
            { team: "privacy" },
          ],
        },
      },
      place: () => ({ file: "phiward.yaml", line: 1, column: 1 }),
    },
  });

  test("groups are base's, and one that stands twice is asked twice", () => {
    expect(two.map(({ group, needed }) => [group, needed])).toEqual([
      ["team privacy", 3],
      ["login Sam", 1],
    ]);
  });

  const by = (...people: readonly string[]) => people.map((person) => ({ person }));
  const full: Approvals = {
    satisfied: true,
    commit: REVIEWED,
    groups: [
      { group: "team privacy", needed: 3, by: by("a", "b", "c") },
      { group: "login Sam", needed: 1, by: by("sam") },
    ],
    problems: [],
  };

  test.each<
    [name: string, approvals: Approvals, commit: string | undefined, missing: RegExp | undefined]
  >([
    ["all of them", full, REVIEWED, undefined],
    [
      "another commit (a stale review)",
      { ...full, commit: "b".repeat(40) },
      REVIEWED,
      /another commit/,
    ],
    ["a commit that nobody names", full, undefined, /another commit/],
    [
      "one too few",
      { ...full, groups: [{ ...full.groups[0]!, by: by("a", "b") }, full.groups[1]!] },
      REVIEWED,
      /1 more of `team privacy` must approve \(2 of 3\)/,
    ],
    [
      "one person twice",
      { ...full, groups: [{ ...full.groups[0]!, by: by("a", "A", "c") }, full.groups[1]!] },
      REVIEWED,
      /1 more of `team privacy`/,
    ],
    [
      "one person for two groups",
      { ...full, groups: [{ ...full.groups[0]!, by: by("a", "b", "sam") }, full.groups[1]!] },
      REVIEWED,
      /1 more of `login Sam`/,
    ],
    [
      "a group that is missing",
      { ...full, groups: [full.groups[0]!] },
      REVIEWED,
      /1 more of `login Sam` must approve \(0 of 1\)/,
    ],
    [
      "groups of somebody else",
      { ...full, groups: [{ group: "team friends", needed: 1, by: by("x") }] },
      REVIEWED,
      /3 more of `team privacy`/,
    ],
    ["a problem", { ...full, problems: ["`w` does not count"] }, REVIEWED, /`w` does not count/],
    ["satisfied by nobody's word", { ...full, satisfied: false }, REVIEWED, /not complete/],
  ])("%s", (_, approvals, commit, missing) => {
    const found = missingApprovals(two, approvals, commit)!;
    if (missing === undefined) expect(found).toEqual([]);
    else expect(found.join("\n")).toMatch(missing);
  });

  test.each<[name: string, text: string, message: string]>([
    ["no JSON", "{", "a key in double quotes is expected here"],
    ["a list", "[]", "must be a mapping"],
    [
      "a key that nobody knows",
      '{"satisfied":true,"commit":"x","groups":[],"by":[]}',
      "unknown key",
    ],
    [
      "a short commit",
      '{"satisfied":true,"commit":"abc1234","groups":[]}',
      "`commit` is not of the right form",
    ],
    ["no commit", '{"satisfied":true,"groups":[]}', "`commit` is missing"],
  ])("a file with %s is refused", (_, text, message) => {
    expect(() => readApprovals("a.json", text)).toThrow(message);
  });

  test("a file is read as it is meant", () => {
    const { problems: _, ...written } = full;
    expect(readApprovals("a.json", JSON.stringify(written))).toEqual(full);
  });
});

describe("guards", () => {
  const guarded = (at: string, digest: string): Tree => ({
    ...memoryTree(filesOf(hospital())),
    guards: async () => ({
      at,
      files: ["/.github/workflows/gate.yml", "trust.json"].map((path) => ({
        path,
        kind: path.startsWith("/") ? ("workflow" as const) : ("trust" as const),
        digest,
        namesPhiward: true,
      })),
    }),
  });
  const changed = async (base: string, head: string): Promise<string[]> => {
    const report = await judged(hospital(), hospital(), {
      base: guarded(base, "sha256:0"),
      head: guarded(head, "sha256:1"),
    });
    return report.diff!.changes.map(({ file }) => file).sort();
  };

  test("at the root are compared of one place of a repository", async () => {
    expect(await changed("policies", "policies")).toEqual([
      "/.github/workflows/gate.yml",
      "trust.json",
    ]);
    // Two copies that stand elsewhere have different roots; what is in the folders is compared.
    expect(await changed("a", "b")).toEqual(["trust.json"]);
  });
});

test("nobody can approve where nobody is named, whatever else says so", () => {
  const { approved, exit } = conclude({
    base: emptyRepository("base"),
    diff: { blocks: true, verdict: "broader", changes: [] } as never,
    groups: [],
    missing: [],
    reasons: [],
  });
  expect([approved, exit]).toEqual([false, 2]);
});

describe("warnings", () => {
  test("no test, recorded calls that are gone", async () => {
    const project = {
      version: "1",
      gate: { coverage: { rules: 0, mutation: 0 }, approvers: [{ team: "privacy-officers" }] },
    };
    const line = { v: 1, id: "c1", at: "2026-10-01T12:00:00Z", grant: "bot", server: "ehr" };
    const raw = {
      "fixtures/calls.jsonl": JSON.stringify({ ...line, tool: "read", args: { patient: "p-1" } }),
    };
    const report = await judged(
      hospital({ project, tests: {}, raw }),
      hospital({ project, tests: {} }),
    );
    expect(report.warnings.map(({ code }) => code)).toEqual(["NO_TESTS", "FIXTURE_GONE"]);
    expect(report.measured).toEqual({});
    expect(report.passed).toBe(true);
  });
});

describe("thresholds", () => {
  const asking = (coverage: object) =>
    hospital({
      project: { version: "1", gate: { coverage, approvers: [{ team: "privacy-officers" }] } },
    });
  const codes = async (base: object, head: object) =>
    (await judged(asking(base), asking(head))).reasons.map(({ code }) => code);

  test.each([
    ["coverage of rules", { rules: 100 }, "COVERAGE"],
    ["coverage of conditions", { conditions: 100 }, "COVERAGE"],
    ["the mutation score", { mutation: 100 }, "MUTATION"],
  ])("%s below what base asks for does not pass", async (_, coverage, code) => {
    expect(await codes(coverage, coverage)).toContain(code);
  });

  test("what base asks for counts, and not what head would be content with", async () => {
    expect(await codes({ rules: 100 }, { rules: 1 })).toContain("COVERAGE");
    expect(await codes({ rules: 1 }, { rules: 100 })).toEqual([]);
  });

  test("the numbers stand in the report, beside the tests that they are about", async () => {
    const { measured } = await judged(asking({ rules: 1, mutation: 1 }), asking({ rules: 1 }));
    expect(measured.coverage?.rules).toBeGreaterThan(0);
    expect(measured.mutation?.killed).toBeGreaterThan(0);
  });
});

test("grants and servers that a change is about are told, and no others", async () => {
  const report = await judged(hospital(), hospital(WIDER));
  expect(report.grants).toEqual([
    {
      id: "bot",
      principal: "agent:bot",
      kind: "agent",
      responsible: "person:a.example",
      purpose: "treatment",
      justification: "Nurse triage line, ticket SEC-1204",
      issued: "2026-09-01",
      expires: "2027-03-01",
      breakGlass: false,
    },
  ]);
  expect(report.servers).toEqual([
    { id: "ehr", vendor: "Example EHR Inc.", baa: { status: "signed", signed: "2026-01-01" } },
  ]);
  expect((await judged(hospital(), hospital())).grants).toEqual([]);
});

test("the same change is judged the same whenever and however often", async () => {
  const once = await judged(hospital(), hospital(WIDER));
  expect(await judged(hospital(), hospital(WIDER))).toEqual(once);
  const later = await judged(hospital(), hospital(WIDER), { now: NOW + 86_400_000 });
  expect(later.diff).toEqual(once.diff);
});
