/** What is unused, the change that takes it away, and the dates of a review in the files. */
import { describe, expect, test } from "vitest";
import { access } from "../../engine/access/access.ts";
import { type LoadedRepository, load, sound } from "../../engine/policy/load.ts";
import { DAY } from "../../engine/policy/time.ts";
import { accessReview, checkDecisions, dated } from "../../engine/review/grants/decide.ts";
import { grantRegistry } from "../../engine/review/grants/registry.ts";
import { editedTree } from "../../engine/review/grants/texts.ts";
import { type UnusedReport, unusedGrants } from "../../engine/review/grants/unused.ts";
import { type Cell, cellKey, type Use } from "../../engine/review/grants/use.ts";
import { type StandingInput, standingOf } from "../../engine/review/standing.ts";
import { FILES, type Files, NOW, policy } from "../support/small-repository.ts";
import { memoryTree } from "../support/tree.ts";
import { reportOn } from "./world.ts";

const LOOKUP = policy(`tools:
  # One record.
  read: { args: [patient] }
  write: { args: [patient, text] }
  count: { args: [] }
`);
const BASE: Files = {
  ...FILES,
  ...LOOKUP,
  "servers/lab.yaml": FILES["servers/ehr.yaml"]!.replace("id: ehr", "id: lab"),
};
const grant = (more: string, access = "[{ server: ehr, policy: lookup }]"): string => `version: "1"
# Asked for by the ward.
principal: { kind: agent, id: "agent:ID", responsible: "person:a.example" }
purpose: treatment
access: ${access}
issued: 2026-03-01
expires: 2027-01-01
${more}`;
const grantFile = (id: string, more = "", access?: string): Files => ({
  [`grants/${id}.yaml`]: grant(more, access).replace("ID", id),
});

const used = (
  ...cells: readonly (readonly [grant: string, server: string, tool: string])[]
): Use => ({
  allowed: new Map(
    cells.map(([grant, server, tool]) => [
      cellKey({ grant, server, method: "tools/call", tool }),
      3,
    ]),
  ),
  calls: new Map(cells.map(([grant]) => [grant, { calls: 4, denied: 1 }])),
  last: new Map(cells.map(([grant]) => [grant, NOW - DAY])),
});

async function unused(files: Files, use: Use, since = NOW - 30 * DAY): Promise<UnusedReport> {
  const tree = memoryTree(files);
  const loaded = await load(tree);
  const { rows } = access(sound(loaded), NOW);
  return await unusedGrants({ tree, loaded, rows, use, since });
}

const name = ({ grant, server, tool }: Cell): string => `${grant} ${server}/${tool}`;

describe("what nobody uses", () => {
  // `bot` is issued a month before NOW; `nurse` and `desk` half a year.
  const files: Files = {
    ...BASE,
    ...grantFile("nurse"),
    ...grantFile("desk", "", "[{ server: ehr, policy: lookup }, { server: lab, policy: lookup }]"),
  };

  test("is every granted tool without an allowed call", async () => {
    const report = await unused(files, used(["nurse", "ehr", "read"], ["desk", "ehr", "count"]));
    expect(report.unused.map(name)).toEqual([
      "bot ehr/count",
      "bot ehr/read",
      "bot ehr/write",
      "desk ehr/read",
      "desk ehr/write",
      "desk lab/count",
      "desk lab/read",
      "desk lab/write",
      "nurse ehr/count",
      "nurse ehr/write",
    ]);
  });

  test("goes by the widest change: a grant, a server, a tool; and the change is proved", async () => {
    const report = await unused(files, used(["nurse", "ehr", "read"], ["desk", "ehr", "count"]));
    expect(report.proposals.map(({ kind, what, cells }) => [kind, what, cells])).toEqual([
      ["remove-grant", "remove the grant `bot`, which was never used", 3],
      ["remove-server", "remove the server `lab` from the grant `desk`", 3],
      ["remove-tool", "remove the tool `write` from the policy `lookup`", 2],
    ]);
    expect(report.proof.verdict).toBe("narrower");
    expect(report.edits.get("grants/bot.yaml")).toBeNull();
    expect(report.edits.get("grants/desk.yaml")).toContain("# Asked for by the ward.\n");
    expect(report.edits.get("policies/lookup.yaml")).toBe(
      LOOKUP["policies/lookup.yaml"]!.replace("  write: { args: [patient, text] }\n", ""),
    );
    const after = sound(await load(editedTree(memoryTree(files), report.edits)));
    expect(Object.keys(after.grants)).toEqual(["desk", "nurse"]);
    expect(after.grants.desk!.access).toEqual({ ehr: "lookup" });
    // A tool that only the other one uses stays, and it is said.
    expect(report.left.map(({ what }) => what)).toEqual([
      "`desk` never used the tool `read` of the policy `lookup`",
      "`nurse` never used the tool `count` of the policy `lookup`",
    ]);
  });

  test.each<[string, Files, Use, number?]>([
    [
      "everything is used",
      BASE,
      used(["bot", "ehr", "read"], ["bot", "ehr", "write"], ["bot", "ehr", "count"]),
    ],
    ["the grant is younger than the time that is looked back at", BASE, used(), NOW - 40 * DAY],
    [
      "the grant is for emergencies",
      { ...BASE, ...grantFile("bot", 'breakGlass: { openers: ["person:a.example"], max: 1h }\n') },
      used(),
    ],
    [
      "the grant is over",
      { ...BASE, "grants/bot.yaml": grant("").replace("2027-01-01", "2026-09-01") },
      used(),
    ],
  ])("is nothing when %s", async (_, files, use, since) => {
    const report = await unused(files, use, since);
    expect([report.unused, report.proposals]).toEqual([[], []]);
  });

  test("a policy that allows by default keeps its tools: without a rule more would be allowed", async () => {
    const open = {
      ...BASE,
      "policies/lookup.yaml": BASE["policies/lookup.yaml"]!.replace("deny", "allow"),
    };
    const report = await unused(open, used(["bot", "ehr", "read"]));
    expect(report.unused.map(name)).toEqual(["bot ehr/count", "bot ehr/write"]);
    expect(report.proposals).toEqual([]);
  });

  test("a comment on the line is not removed along with its rule", async () => {
    const commented = {
      ...BASE,
      "policies/lookup.yaml": BASE["policies/lookup.yaml"]!.replace(
        "text] }",
        "text] } # ask first",
      ),
    };
    const report = await unused(commented, used(["bot", "ehr", "read"], ["bot", "ehr", "count"]));
    expect(report.proposals).toEqual([]);
    expect(report.left.map(({ why }) => why)).toEqual(["a comment stands in it or beside it"]);
  });
});

describe("a review's date", () => {
  const review = { on: "2026-10-01", by: "person:m.chen" };
  const dateOf = async (text: string, file = "grants/bot.yaml"): Promise<string> => {
    const { "grants/bot.yaml": _, ...others } = BASE;
    const tree = memoryTree({ ...others, [file]: text });
    const { texts } = await dated(tree, await load(tree), ["bot"], review);
    return texts.get(file)!;
  };

  test.each([
    [
      "is put behind the rest",
      grant("# the end\n"),
      grant('# the end\nlastReview: { on: 2026-10-01, by: "person:m.chen" }\n'),
    ],
    [
      "is put behind a file that does not end its line",
      grant("").trimEnd(),
      grant('lastReview: { on: 2026-10-01, by: "person:m.chen" }\n'),
    ],
    [
      "takes the place of the one before",
      grant("lastReview: { on: 2026-04-01, by: 'person:x' } # yearly\n"),
      grant("lastReview: { on: 2026-10-01, by: 'person:m.chen' } # yearly\n"),
    ],
    [
      "takes the place of one on several lines",
      grant("lastReview:\n  on: 2026-04-01 # the last one\n  by: person:x\n"),
      grant('lastReview:\n  on: 2026-10-01 # the last one\n  by: "person:m.chen"\n'),
    ],
  ])("%s", async (_, before, after) => {
    expect(await dateOf(before)).toBe(after);
  });

  test("is put into a JSON file", async () => {
    const { grants } = await load(memoryTree(BASE)).then(sound);
    const text = `{
  "version": "1",
  "principal": { "kind": "agent", "id": "agent:bot", "responsible": "person:a.example" },
  "purpose": "treatment",
  "access": [{ "server": "ehr", "policy": "lookup" }],
  "issued": "2026-09-01",
  "expires": "2027-03-01"
}
`;
    const after = await dateOf(text, "grants/bot.json");
    expect(JSON.parse(after)).toEqual({ ...JSON.parse(text), lastReview: review });
    expect(grants.bot).toBeDefined();
  });

  test("is refused where it is written with an anchor, and nothing is guessed", async () => {
    const text = grant("lastReview: &then { on: 2026-04-01, by: person:x }\n").replace(
      "by: person:x }",
      "by: &who person:x }",
    );
    await expect(dateOf(text)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});

describe("decisions", () => {
  const ids = ["a", "b"];
  test.each([
    [{ keep: ["a"], narrow: [], revoke: ["a"] }, "USAGE"],
    [{ keep: ["a"], narrow: ["zz"], revoke: [] }, "UNKNOWN_NAME"],
  ])("%o are refused", (decisions, code) => {
    expect(() => checkDecisions(decisions, ids)).toThrow(expect.objectContaining({ code }));
  });

  test("are recorded with their commit and what is to go", () => {
    const reviewer = { grant: "g", principal: "person:m.chen", may: "sign" } as const;
    const decisions = { keep: ["a"], narrow: [], revoke: ["b"] };
    const words = accessReview({ reviewer, decisions, rows: [], commit: "c".repeat(40) });
    expect(words).toMatchObject({
      action: "review.access",
      by: "person:m.chen",
      details: { commit: "c".repeat(40), grants: 2, revoke: 1, narrow: 0, toRevoke: "b" },
    });
  });
});

describe("the registry", () => {
  const rowsOf = async (files: Files, before?: LoadedRepository) => {
    const repository = sound(await load(memoryTree(files)));
    return grantRegistry({
      repository,
      rows: access(repository, NOW).rows,
      now: NOW,
      use: used(["bot", "ehr", "read"]),
      before: before?.repository,
      signatures: [
        {
          seq: 9,
          at: "2026-09-20T10:00:00.000Z",
          by: "person:m.chen",
          commit: "c",
          grants: 1,
          revoke: 0,
          narrow: 0,
          note: null,
        },
      ],
    });
  };

  test("says what a grant reaches, who reviewed it, and what it is used for", async () => {
    const reviewed = {
      ...BASE,
      ...grantFile("bot", "lastReview: { on: 2026-09-20, by: person:m.chen }\n"),
    };
    expect(await rowsOf(reviewed)).toMatchObject([
      {
        grant: "bot",
        state: "in force",
        reach: { all: 0, conditional: 3, none: 0, ephi: 2 },
        lastReview: { on: "2026-09-20", by: "person:m.chen" },
        signature: { seq: 9, commit: "c" },
        lastUsed: new Date(NOW - DAY).toISOString(),
        calls: { all: 4, denied: 1 },
        changes: null,
      },
    ]);
  });

  test.each<[string, Files, readonly string[]]>([
    ["nothing", {}, []],
    ["a comment", { "grants/bot.yaml": `${BASE["grants/bot.yaml"]}# more\n` }, []],
    ["the policy", policy("tools: { read: { args: [patient, more] } }\n"), ["the policy lookup"]],
    [
      "the server",
      { "servers/ehr.yaml": BASE["servers/ehr.yaml"]!.replace("ephi: false", "ephi: true") },
      ["the server ehr"],
    ],
    [
      "the end",
      { "grants/bot.yaml": BASE["grants/bot.yaml"]!.replace("2027-03-01", "2027-04-01") },
      ["the grant: expires"],
    ],
  ])("a change of %s since the last signature is told", async (_, change, expected) => {
    const before = await load(memoryTree(BASE));
    const [row] = await rowsOf({ ...BASE, ...change }, before);
    expect(row!.changes).toEqual(expected);
  });
});

describe("what a report says of the repository as it is today", () => {
  const findings = async (now: number, more = "") => {
    const loaded = await load(memoryTree({ ...BASE, ...grantFile("bot", more) }));
    const input: StandingInput = { reviewed: new Set(), now, loaded };
    return standingOf(reportOn([]).activity, input).findings.map(({ id }) => id);
  };
  const END = Date.UTC(2027, 0, 1);
  test.each([
    ["grants that end in a month", END - 29 * DAY, "", ["grant-expiring"]],
    ["grants that end later", END - 31 * DAY, "", []],
    [
      "grants that nobody reviewed for a year",
      END - 31 * DAY,
      "lastReview: { on: 2025-11-01, by: person:x }\n",
      ["grant-unreviewed"],
    ],
    ["grants that are over", END + DAY, "", []],
  ])("%s", async (_, now, more, expected) => {
    expect(await findings(now, more)).toEqual(expected);
  });
});
