/** Each grant and each rule of a release names the change that last touched it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Refused, startChecks } from "../../engine/bundle/checks.ts";
import { type GateReview, readGateReport } from "../../engine/bundle/gate-report.ts";
import { originOf } from "../../engine/bundle/origin.ts";
import { provenanceOf, takeProvenance, writeProvenance } from "../../engine/bundle/provenance.ts";
import { requireSameOrigins } from "../../engine/bundle/same-origins.ts";
import { initialFiles } from "../../engine/catalog/init.ts";
import { gate } from "../../engine/gate/gate.ts";
import { gitTree } from "../../engine/host/git.ts";
import { gitHistory } from "../../engine/host/history.ts";
import { load } from "../../engine/policy/load.ts";
import { gateJson } from "../../engine/render/json.ts";
import type { ProvenanceChange, ProvenanceFile } from "../../engine/schema/types.ts";
import { NOW } from "./world.ts";

const work = mkdtempSync(join(tmpdir(), "phiward-provenance-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const { demand } = startChecks();

const FILES = initialFiles({ name: "ehr", now: NOW, approvers: ["team:privacy"] });
const REQUIRE = "/tools/get_patient_record/require/0";
const LIMIT = "/tools/get_patient_record/limits/0";

const env = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "A. Example",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "A. Example",
  GIT_COMMITTER_EMAIL: "a@example.org",
};

/** A real repository, in which the policies stand in a folder. */
function repository(name: string) {
  const root = join(work, name);
  const folder = join(root, "ehr");
  mkdirSync(folder, { recursive: true });
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: root, env, encoding: "utf8", stdio: "pipe" }).trim();
  git("init", "-q", "-b", "main");
  const write = (path: string, text: string): void => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const commit = (message: string, changes: Readonly<Record<string, string>> = {}): string => {
    for (const [path, text] of Object.entries(changes)) write(path, text);
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", message);
    return git("rev-parse", "HEAD");
  };
  return { root, folder, git, commit };
}

const lookup = (change: (text: string) => string): Readonly<Record<string, string>> => ({
  "policies/lookup.yaml": change(FILES["policies/lookup.yaml"]!),
});
const maximum = (max: number) => lookup((text) => text.replace("max: 20", `max: ${max}`));

interface Asked {
  readonly since?: { readonly commit: string; readonly file: ProvenanceFile };
  readonly reports?: readonly GateReview[];
}

async function trace(folder: string, commit: string, { since, reports = [] }: Asked = {}) {
  const treeAt = (name: string) => gitTree(folder, name);
  const repositoryAt = async (name: string) => (await load(await treeAt(name))).repository;
  const history = await gitHistory(folder, commit, since?.commit);
  const file = await provenanceOf({
    commit,
    repository: await repositoryAt(commit),
    history,
    treeAt,
    reports,
    ...(since === undefined
      ? {}
      : { before: { file: since.file, repository: await repositoryAt(since.commit) } }),
  });
  return { file, history };
}

const ruleIn = (file: ProvenanceFile, rule: string): ProvenanceChange =>
  file.changes[file.policies.lookup![rule]!]!;
const grantIn = (file: ProvenanceFile): ProvenanceChange =>
  file.changes[file.grants["lookup-bot"]!]!;

/** The gate's report on a change, as its command writes it. */
async function reportOn(
  folder: string,
  [base, head]: readonly [string, string],
  approved?: string,
): Promise<GateReview> {
  const groups = [
    { group: "team privacy", needed: 1, by: [{ person: "m-chen" }, { person: "r-ode" }] },
  ];
  const report = await gate(
    {
      base: await gitTree(folder, base),
      head: await gitTree(folder, head),
      now: NOW,
      approvals: async () => ({
        satisfied: approved !== undefined,
        commit: approved ?? head,
        groups: approved === undefined ? [] : groups,
        problems: [],
      }),
    },
    { reviewed: approved ?? head, change: { pullRequest: 7 } },
  );
  return readGateReport("gate.json", JSON.stringify(gateJson(report)));
}

describe("the commit", () => {
  const { folder, commit, git } = repository("commits");
  const first = commit("first", FILES);
  commit("a page that is no policy", { "../README.md": "read me" });
  const wider = commit("more patients", maximum(30));
  const inserted = commit(
    "one more condition, before the other",
    lookup((text) =>
      text
        .replace("max: 20", "max: 30")
        .replace(
          "require:\n",
          "require:\n      - { path: args.patient_id, op: exists, value: true }\n",
        ),
    ),
  );

  test("is the one that last changed the text of a rule, and no later one", async () => {
    const { file } = await trace(folder, inserted);
    expect(grantIn(file)).toEqual({ commit: first, approvers: [] });
    expect(ruleIn(file, "/default").commit).toBe(first);
    expect(ruleIn(file, LIMIT).commit).toBe(wider);
    expect(ruleIn(file, REQUIRE).commit).toBe(inserted);
    // A rule that only moved down has not changed.
    expect(ruleIn(file, "/tools/get_patient_record/require/1").commit).toBe(first);
    // An allowed call owes itself to every rule of its tool, so to the newest of their changes.
    expect(ruleIn(file, "/tools/get_patient_record").commit).toBe(inserted);
    expect(ruleIn(file, "/tools/list_departments").commit).toBe(first);
  });

  test("is the one that brought a rule back, and not the one that had it first", async () => {
    const back = commit("as it was", maximum(20));
    const { file } = await trace(folder, back);
    expect(ruleIn(file, LIMIT).commit).toBe(back);
  });

  test("comes from the release before where nothing changed since", async () => {
    const before = await trace(folder, wider);
    const marked = structuredClone(before.file);
    grantChange(marked).approvers = [{ name: "m-chen", commit: first }];
    const { file, history } = await trace(folder, inserted, {
      since: { commit: wider, file: marked },
    });
    expect(history.steps.map((step) => step.commit)).toEqual([inserted]);
    expect(grantIn(file)).toEqual({
      commit: first,
      approvers: [{ name: "m-chen", commit: first }],
    });
    expect(ruleIn(file, REQUIRE).commit).toBe(inserted);
  });

  test("is looked up from the beginning when the release before is not on the line", async () => {
    git("checkout", "-q", "-b", "side", first);
    const aside = commit("aside", maximum(25));
    git("checkout", "-q", "main");
    const { file } = await trace(folder, aside);
    const { file: mine, history } = await trace(folder, inserted, {
      since: { commit: aside, file },
    });
    expect(history.before).toBe("nothing");
    expect(ruleIn(mine, LIMIT).commit).toBe(wider);
  });

  test("is said to be uncertain where the history was cut off", async () => {
    const shallow = join(work, "shallow");
    git("clone", "-q", "--depth=1", "--branch=main", `file://${join(work, "commits")}`, shallow);
    const tip = git("rev-parse", "main");
    const { file, history } = await trace(join(shallow, "ehr"), tip);
    expect(history.before).toBe("cut");
    expect(file.changes).toEqual([{ commit: tip, orBefore: true, approvers: [] }]);
  });
});

/** Of a file that the test may change. */
function grantChange(file: ProvenanceFile): ProvenanceChange {
  const index = file.grants["lookup-bot"]!;
  const own = structuredClone(file.changes[index]!);
  file.changes.push(own);
  file.grants["lookup-bot"] = file.changes.length - 1;
  return own;
}

describe("the pull request", () => {
  test.each([
    ["Merge pull request #12 from example/branch", { number: 12, from: "message" }],
    ["More patients (#13)", { number: 13, from: "message" }],
    // Only what GitHub itself writes.
    ["see #14", undefined],
    ["Merge pull request #0 from example/branch", undefined],
    ["(#15) more patients", undefined],
  ])("of `%s` is %j", async (message, expected) => {
    const { folder, commit } = repository(`message-${message.replace(/\W+/g, "-")}`);
    commit("first", FILES);
    const { file } = await trace(folder, commit(message, maximum(30)));
    expect(ruleIn(file, LIMIT).pullRequest).toEqual(expected);
  });

  test("and who approved it come from the report on exactly this change", async () => {
    const { folder, commit, git } = repository("merged");
    const first = commit("first", FILES);
    git("checkout", "-q", "-b", "topic");
    const reviewed = commit("more patients", maximum(30));
    git("checkout", "-q", "main");
    git("merge", "-q", "--no-ff", "-m", "a message of its own", "topic");
    const merge = git("rev-parse", "HEAD");
    const report = await reportOn(folder, [first, merge], reviewed);
    const { file } = await trace(folder, merge, { reports: [report] });
    expect(ruleIn(file, LIMIT)).toEqual({
      commit: merge,
      pullRequest: { number: 7, from: "gate" },
      approvers: [
        { name: "m-chen", commit: reviewed },
        { name: "r-ode", commit: reviewed },
      ],
    });
    // Two more patients went around the gate: the report is of another change.
    const around = commit("around", maximum(32));
    const later = await trace(folder, around, { reports: [report] });
    expect(ruleIn(later.file, LIMIT)).toEqual({ commit: around, approvers: [] });
  });

  test("of several commits that were rebased is one", async () => {
    const { folder, commit } = repository("rebased");
    const first = commit("first", FILES);
    const one = commit("one", maximum(30));
    const two = commit("two", {
      "grants/lookup-bot.yaml": FILES["grants/lookup-bot.yaml"]!.replace("ticket", "number"),
    });
    const report = await reportOn(folder, [first, two], two);
    const { file } = await trace(folder, two, { reports: [report] });
    expect(ruleIn(file, LIMIT)).toMatchObject({ commit: one, pullRequest: { number: 7 } });
    expect(grantIn(file)).toMatchObject({ commit: two, pullRequest: { number: 7 } });
    expect(ruleIn(file, "/default")).toEqual({ commit: first, approvers: [] });
  });

  test("has no approver where the approvals were not enough", async () => {
    const { folder, commit } = repository("not-enough");
    const first = commit("first", FILES);
    const second = commit("second", maximum(30));
    const report = await reportOn(folder, [first, second]);
    const { file } = await trace(folder, second, { reports: [report] });
    expect(ruleIn(file, LIMIT)).toMatchObject({ pullRequest: { number: 7 }, approvers: [] });
  });

  test.each(['{"schema":"phiward.diff/1"}', "[]", "no JSON"])("is not read from %s", (text) => {
    expect(() => readGateReport("x.json", text)).toThrow("`x.json` is no report of the gate");
  });
});

describe("whoever signs", async () => {
  const { folder, commit } = repository("signed");
  const first = commit("first (#1)", FILES);
  const before = await trace(folder, first);
  const second = commit("second (#2)", maximum(30));
  const { file, history } = await trace(folder, second, {
    since: { commit: first, file: before.file },
  });
  const judged = (change: (said: ProvenanceFile) => void): string => {
    const said = structuredClone(file);
    change(said);
    return refusal(() => requireSameOrigins(said, file, history, demand));
  };
  const at = (said: ProvenanceFile, commitName: string): ProvenanceChange =>
    said.changes.find((each) => each.commit === commitName)!;

  test.each<[string, (said: ProvenanceFile) => void]>([
    [
      "another commit",
      (said) => {
        at(said, second).commit = "a".repeat(40);
      },
    ],
    [
      "a rule put down to the change before",
      (said) => {
        said.policies.lookup![LIMIT] = said.policies.lookup!["/default"]!;
      },
    ],
    [
      "a rule left out",
      (said) => {
        delete said.policies.lookup![LIMIT];
      },
    ],
    [
      "a rule that is not there",
      (said) => {
        said.policies.lookup!["/hide/0"] = 0;
      },
    ],
    [
      "another number than the message has",
      (said) => {
        at(said, second).pullRequest!.number = 9;
      },
    ],
    // What the release before said is signed; only new commits can have a new report.
    [
      "an approval of an old change",
      (said) => {
        at(said, first).approvers.push({ name: "m-chen", commit: first });
      },
    ],
    [
      "an old change by the gate",
      (said) => {
        at(said, first).pullRequest!.from = "gate";
      },
    ],
  ])("refuses %s", (_, change) => {
    expect(judged(change)).toBe("provenance");
  });

  test("takes the gate's word for a new change", () => {
    const claim = (said: ProvenanceFile): void => {
      at(said, second).pullRequest = { number: 3, from: "gate" };
      at(said, second).approvers.push({ name: "m-chen", commit: second });
    };
    expect(judged(claim)).toBe("taken");
  });

  test("and whoever verifies takes only the file that was signed", () => {
    const { text, digest } = writeProvenance(file);
    const take = (bytes: string | undefined): string =>
      refusal(() =>
        takeProvenance(
          { provenance: digest },
          bytes === undefined ? undefined : Buffer.from(bytes),
          demand,
        ),
      );
    expect(take(text)).toBe("taken");
    expect(take(text.replace(second, first))).toBe("provenance");
    expect(take(undefined)).toBe("provenance");
  });

  test("and a file that names a change which is not there is none", () => {
    const said = structuredClone(file);
    said.grants["lookup-bot"] = 99;
    const { text, digest } = writeProvenance(said);
    const take = () => takeProvenance({ provenance: digest }, Buffer.from(text), demand);
    expect(refusal(take)).toBe("form");
  });

  test.each([
    // The decision's rule, and the change that it comes from.
    [LIMIT, second],
    ["/default", first],
    // Every rule of the tool allowed it: the newest change among them.
    ["", second],
    ["(default deny)", first],
    ["(hidden)", first],
    // Nobody wrote these into a policy.
    ["(expired)", undefined],
    ["(halted)", undefined],
  ])("a decision by `%s` has its origin", (rule, expected) => {
    const decided = { grant: "lookup-bot", policy: "lookup", method: "tools/call" };
    const origin = originOf(file, { ...decided, rule, tool: "get_patient_record" });
    expect(origin.grant?.commit).toBe(first);
    expect(origin.rule?.commit).toBe(expected);
  });

  test("a grant or policy that the release does not have has no origin", () => {
    const decided = { grant: "constructor", policy: "toString", rule: "", method: "", tool: "" };
    expect(originOf(file, decided)).toEqual({ grant: null, rule: null });
  });
});

function refusal(work: () => void): string {
  try {
    work();
    return "taken";
  } catch (error) {
    if (error instanceof Refused) return error.check;
    throw error;
  }
}
