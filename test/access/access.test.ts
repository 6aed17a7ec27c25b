/** Who can reach what: each claim of the matrix is checked against decisions. */
import { describe, expect, it } from "vitest";
import { type Access, type AccessRow, access } from "../../engine/access/access.ts";
import { loadFixtures } from "../../engine/calls/fixtures.ts";
import { TOOLS_CALL } from "../../engine/decide/call.ts";
import { decide } from "../../engine/decide/decide.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import { diskTree } from "../../engine/host/disk.ts";
import type { ReceivedObject } from "../../engine/json/value.ts";
import { load, sound } from "../../engine/policy/load.ts";
import { accessCsv, accessText } from "../../engine/render/access.ts";
import { plain } from "../../engine/render/paint.ts";
import { Generator } from "../prove/generate.ts";
import { Random } from "../prove/random.ts";
import { policyDocument, TOOL } from "../prove/sides.ts";
import { lockOfSchemas, repositoryOf } from "../support/compile.ts";
import {
  type Fields,
  grantFile,
  NOW,
  partsOf,
  policyFile,
  rulesOf,
  serverFile,
  type World,
} from "../support/world.ts";

const hospital = new URL("../../examples/hospital", import.meta.url).pathname;

function accessOf(world: World, options?: Parameters<typeof access>[2]): Access {
  return access(repositoryOf(partsOf(world)).source, NOW, options);
}

/** The row of the tool `t`. */
function rowOf(world: World): AccessRow {
  const rows = accessOf(world).rows.filter(({ tool }) => tool === "t");
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

describe("the example hospital", async () => {
  const tree = diskTree(hospital);
  const repository = sound(await load(tree));
  const ready = prepare(repository);
  const { rows } = access(repository, NOW);
  const calls = await loadFixtures(tree);
  const at = (row: AccessRow): number => Date.parse(row.validFrom);

  it("has every grant on every tool and method of its server, once", () => {
    const keys = rows.map(({ grant, server, method, tool }) =>
      [grant, server, method, tool].join(),
    );
    expect(new Set(keys).size).toBe(keys.length);
    for (const grant of ready.grants.keys()) {
      expect(rows.filter((row) => row.grant === grant)).toHaveLength(26);
    }
  });

  it("claims nothing that a recorded or synthetic call refutes", () => {
    const argumentSets = calls.map(({ call }) => call.args);
    expect(argumentSets.length).toBeGreaterThan(100);
    const allowed = new Map<string, number>();
    for (const row of rows) {
      for (const args of argumentSets) {
        const { grant, server, method, tool } = row;
        const { decision } = decide(ready, { grant, server, method, tool, args, at: at(row) });
        const where = `${grant} ${tool}: ${JSON.stringify(args)}`;
        if (decision.verdict === "allow") {
          expect(row.access, where).not.toBe("none");
          // The worst that an allowed call can do is at least what this one does.
          expect(row.ephi || !decision.ephi, where).toBe(true);
          expect(row.effect === decision.effect || decision.effect === "read", where).toBe(true);
          allowed.set(grant, (allowed.get(grant) ?? 0) + 1);
        } else if (row.access === "all") expect(decision.rule, where).toBe("(schema)");
      }
    }
    // The samples do get through somewhere, or the loop above would show nothing.
    expect(allowed.size).toBeGreaterThan(2);
  });

  it("shows the worst effect that is proved to be possible, and not that of the label", () => {
    const effects = rows
      .filter(({ tool, access: a }) => tool === "fhir_create" && a !== "none")
      .map(({ grant, effect }) => [grant, effect]);
    // The label says `execute` of any resource type that it does not name.
    expect(effects).toEqual([
      ["billing-agent-2", "financial"],
      ["triage-bot-7", "write"],
    ]);
  });

  it("never shows a constant of a grant, only its name", () => {
    const text = JSON.stringify(rows);
    expect(text).toContain("grant.departments");
    expect(text).toContain("grant.clinics");
    for (const { source } of ready.grants.values()) {
      for (const value of Object.values(source.attributes).flat()) {
        expect(text).not.toContain(String(value));
      }
    }
  });

  it("says of a break-glass grant that somebody has to open it", () => {
    for (const row of rows.filter(
      ({ grant, access: a }) => grant === "er-assist-1" && a !== "none",
    ))
      expect(row.conditions[0]).toBe("only while a person has opened it, for at most 4 h");
  });

  it("leaves out what the grant's own constants settle", () => {
    const row = rows.find(({ grant, tool }) => grant === "er-assist-1" && tool === "fhir_read")!;
    expect(row.conditions.join()).not.toContain("grant.purpose");
  });
});

describe("all, conditional, none", () => {
  const open = { type: "object", properties: { patient: { type: "string" } } };
  const closed = { ...open, required: ["patient"], additionalProperties: false };
  const exists = { path: "args.patient", op: "exists", value: true };
  const rows: [title: string, world: World, expected: Partial<AccessRow>][] = [
    ["every call", {}, { access: "all", conditions: [] }],
    [
      "every call of the pinned form",
      { schemas: { t: closed }, policy: rulesOf({ args: ["patient"], require: [exists] }) },
      {
        access: "all",
        conditions: ["with no arguments but patient", "only if args.patient is present"],
      },
    ],
    [
      "not every call where the form lets others in",
      { schemas: { t: open }, policy: rulesOf({ args: ["patient"] }) },
      { access: "conditional", conditions: ["with no arguments but patient"] },
    ],
    [
      "all within a limit of calls",
      { policy: rulesOf({ limits: [{ counter: "n", window: "hour", max: 5 }] }) },
      { access: "all", conditions: ["at most 5 calls an hour for each grant (n)"] },
    ],
    [
      "not all within a limit of patients: a call may name none",
      {
        policy: rulesOf({ limits: [{ counter: "n", window: "day", max: 5, distinct: "subject" }] }),
      },
      {
        access: "conditional",
        conditions: ["at most 5 different patients a day for each grant (n)"],
      },
    ],
    [
      "a contradiction",
      {
        policy: rulesOf({
          require: [{ path: "args.a", op: "eq", value: 1 }],
          deny_if: [{ path: "args.a", op: "lt", value: 2 }],
        }),
      },
      { access: "none", conditions: ["its rules, and the pinned schema, exclude every call"] },
    ],
    [
      "not listed",
      { policy: policyFile({ tools: {} }) },
      { access: "none", conditions: ["the policy does not list it"] },
    ],
    [
      "hidden",
      { policy: rulesOf({}, { hide: ["t"] }) },
      { access: "none", conditions: ["the policy hides it"] },
    ],
    [
      "not listed, and not harmless",
      { policy: policyFile({ tools: {}, default: "allow" }) },
      {
        access: "none",
        conditions: ["the policy does not list it, and it is not labelled `ephi: false`"],
      },
    ],
    [
      "not listed, and harmless",
      {
        policy: policyFile({ tools: {}, default: "allow" }),
        server: serverFile({ tools: { t: { effect: "read", ephi: false } } }),
      },
      { access: "all", ephi: false },
    ],
    [
      "not pinned",
      { schemas: { other: open } },
      { access: "none", conditions: ["quarantined: the server's lock does not pin it"] },
    ],
    [
      "pinned with a form that cannot be used",
      { schemas: { t: { $ref: "https://other.example/x" } } },
      { access: "none", conditions: ["quarantined: its pinned schema cannot be used"] },
    ],
    [
      "an agreement that is demanded and missing",
      { requireBaa: true, server: serverFile({ vendor: { name: "E", baa: { status: "none" } } }) },
      { access: "none", conditions: ["no business associate agreement is in force"] },
    ],
    [
      "an agreement that ends before the grant",
      {
        requireBaa: true,
        server: serverFile({
          vendor: {
            name: "E",
            baa: { status: "signed", signed: "2026-01-01", expires: "2026-12-01" },
          },
        }),
      },
      {
        access: "conditional",
        conditions: [
          "only while the business associate agreement is in force: 2026-09-01 until 2026-12-01",
        ],
      },
    ],
    [
      "an agreement that is missing where only some calls need one",
      {
        requireBaa: true,
        server: serverFile({
          vendor: { name: "E", baa: { status: "none" } },
          tools: { t: { effect: "read", ephi: { by: "args.k", cases: { ward: false } } } },
        }),
      },
      {
        access: "conditional",
        ephi: false,
        conditions: [
          "only calls that touch no patient data: no business associate agreement is in force",
        ],
      },
    ],
    [
      "an attribute that the grant lacks",
      { policy: rulesOf({ require: [{ path: "args.a", op: "eq", value_from: "grant.ward" }] }) },
      { access: "none" },
    ],
    [
      "an attribute that the grant has",
      {
        policy: rulesOf({ require: [{ path: "args.a", op: "eq", value_from: "grant.ward" }] }),
        grant: grantFile({ attributes: { ward: "north" } }),
      },
      { access: "conditional", conditions: ["only if args.a eq grant.ward"] },
    ],
    [
      "alternatives of which the grant leaves one",
      {
        policy: rulesOf({
          require: [
            {
              any_of: [
                [
                  { path: "grant.purpose", op: "eq", value: "research" },
                  { path: "args.a", op: "eq", value: 1 },
                ],
                [
                  { path: "grant.purpose", op: "eq", value: "treatment" },
                  { path: "args.a", op: "eq", value: 2 },
                ],
              ],
            },
          ],
        }),
      },
      { access: "conditional", conditions: ["only if args.a eq 2"] },
    ],
    [
      "a denial that looks at an attribute that the grant lacks, and so cannot be ruled out",
      {
        policy: rulesOf({
          deny_if: [
            {
              conditions: [
                { path: "grant.ward", op: "eq", value: "north" },
                { path: "args.a", op: "eq", value: 1 },
              ],
            },
          ],
        }),
      },
      {
        access: "conditional",
        conditions: ['not if grant.ward eq "north" and args.a eq 1'],
      },
    ],
    [
      "what the prover does not interpret: not proved is not all",
      {
        schemas: {
          t: {
            type: "object",
            properties: { patient: { type: "integer", multipleOf: 2 } },
            required: ["patient"],
          },
        },
        policy: rulesOf({ require: [{ path: "args.patient", op: "neq", value: 3 }] }),
      },
      { access: "conditional", unproved: "`multipleOf` in the schema of args.patient" },
    ],
    [
      "a denial that is not about this grant",
      {
        policy: rulesOf({
          deny_if: [{ path: "grant.purpose", op: "neq", value: "treatment" }],
        }),
      },
      { access: "all", conditions: [] },
    ],
  ];
  it.each(rows)("%s", (_, world, expected) => {
    expect(rowOf(world)).toMatchObject(expected);
  });

  it("of each grant by its own constants", () => {
    const { grants, ...parts } = partsOf({
      policy: rulesOf({ require: [{ path: "grant.ward", op: "eq", value: "north" }] }),
    });
    const of = (id: string, ward: string) =>
      grantFile({ principal: { kind: "agent", id }, attributes: { ward } });
    const ready = repositoryOf({
      ...parts,
      grants: { ...grants, g2: of("agent:2", "north"), g3: of("agent:3", "south") },
    });
    expect(access(ready.source, NOW).rows.map(({ grant, access: a }) => [grant, a])).toEqual([
      ["g1", "none"],
      ["g2", "all"],
      ["g3", "none"],
    ]);
  });

  it("of random policies, claims nothing that a random call refutes", () => {
    const seen = { all: 0, conditional: 0, none: 0 };
    for (let seed = 1; seed <= 150; seed++) {
      const generator = new Generator(new Random(seed), { grants: true, schemas: seed % 3 === 0 });
      const { schema, ...rules } = generator.pair().base;
      const { id: _, purpose, principal, ...attributes } = generator.attributes();
      const ready = repositoryOf({
        policies: { p1: seed % 10 === 0 ? rulesOf({}) : policyDocument(rules) },
        grants: { g1: grantFile({ attributes, purpose, principal }) as Fields },
        servers: { s1: serverFile() },
        ...(schema === undefined ? {} : { locks: { s1: lockOfSchemas({ [TOOL]: schema }) } }),
      });
      const row = access(ready.source, NOW).rows.find(({ tool }) => tool === TOOL)!;
      seen[row.access]++;
      for (let i = 0; i < 100; i++) {
        const args: ReceivedObject = generator.args();
        const call = { grant: "g1", server: "s1", method: TOOLS_CALL, tool: TOOL, args, at: NOW };
        const { verdict, rule } = decide(ready, call).decision;
        const refuted =
          row.access === "none"
            ? verdict === "allow"
            : row.access === "all" && verdict === "deny" && rule !== "(schema)";
        if (refuted) expect.fail(`seed ${seed}: ${row.access}, ${rule}: ${JSON.stringify(args)}`);
      }
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5);
  });
});

describe("time", () => {
  const at = (day: string): AccessRow =>
    access(repositoryOf(partsOf({})).source, Date.parse(`${day}T00:00:00Z`)).rows[0]!;
  it.each([
    ["2026-08-31", false],
    ["2026-09-01", true],
    ["2027-02-28", true],
    ["2027-03-01", false],
  ])("on %s the grant is in force: %s", (day, inForce) => {
    expect(at(day)).toMatchObject({
      inForce,
      access: "all",
      validFrom: "2026-09-01T00:00:00.000Z",
      validUntil: "2027-03-01T00:00:00.000Z",
    });
  });

  it("is said in words", () => {
    const text = (now: number): string =>
      accessText(access(repositoryOf(partsOf({})).source, now), { named: false }, plain);
    expect(text(Date.UTC(2026, 0, 1))).toContain("not yet valid");
    expect(text(Date.UTC(2028, 0, 1))).toContain("expired");
    expect(text(NOW)).not.toMatch(/not yet valid|expired/);
  });
});

describe("what is asked for", () => {
  const world: World = {
    policy: policyFile({ tools: { t: {}, u: {} } }),
    server: serverFile({
      tools: { t: { effect: "read", ephi: true }, u: { effect: "read", ephi: false }, v: {} },
    }),
  };
  const tools = (options: Parameters<typeof access>[2]): string[] =>
    accessOf(world, options).rows.map(({ tool }) => tool);

  it("is a grant, a tool, or patient data", () => {
    expect(tools({})).toEqual(["t", "u", "v"]);
    expect(tools({ tool: "u" })).toEqual(["u"]);
    expect(tools({ ephi: true })).toEqual(["t", "v"]);
    expect(tools({ grant: "g1" })).toEqual(["t", "u", "v"]);
  });

  it("has to exist", () => {
    expect(() => tools({ grant: "g2" })).toThrow("there is no grant `g2`");
    expect(() => tools({ tool: "constructor" })).toThrow("there is no tool or method");
  });

  it("shows what is denied only where it was asked for by name", () => {
    const text = (named: boolean): string => accessText(accessOf(world), { named }, plain);
    expect(text(false)).toContain("nothing else: 1 other tool or method of s1 is denied");
    expect(text(false)).not.toContain("s1/v");
    expect(text(true)).toContain("s1/v  none");
  });
});

describe("a spreadsheet", () => {
  it("runs no formula of a server's making, and keeps cells apart", () => {
    const tool = '=HYPERLINK("http://other.example"),x';
    const csv = accessCsv(
      accessOf({
        policy: policyFile({ tools: { [tool]: {} } }),
        server: serverFile({ tools: {} }),
      }),
    );
    const [head, row, ...rest] = csv.split("\r\n");
    expect(rest).toEqual([]);
    expect(head).toMatch(/^grant,principal,server,method,tool,.*,conditions$/);
    expect(row).toContain(`"'=HYPERLINK(""http://other.example""),x"`);
  });
});
