/** Monitor mode in the decision: what is only watched, and what never is. */
import { describe, expect, test } from "vitest";
import { explain } from "../../engine/decide/explain.ts";
import { repositoryOf } from "../support/compile.ts";
import {
  ask,
  type CallFields,
  callOf,
  type Fields,
  grantFile,
  judge,
  partsOf,
  policyFile,
  rulesOf,
  serverFile,
  type World,
} from "../support/world.ts";

const HARMLESS = { effect: "read", ephi: false, volume: "single", subject: "none" };
const BY_AREA = { ...HARMLESS, ephi: { by: "args.area", cases: { staff: false, patients: true } } };

/** A server in monitor mode whose tools are `t`, without patient data, and `chart`, with it. */
const watching = (more: Fields = {}): Fields =>
  serverFile({
    mode: "monitor",
    tools: { t: HARMLESS, other: HARMLESS, chart: { effect: "read", ephi: true }, area: BY_AREA },
    methods: { "resources/read": HARMLESS },
    ...more,
  });
const world = (more: World = {}): World => ({ server: watching(), ...more });
const eq = (path: string, value: unknown) => ({ path, op: "eq", value });
const never = rulesOf({ require: [eq("args.a", 1)] });

interface Row {
  readonly rule: string;
  readonly world?: World;
  readonly call?: CallFields;
}

const WATCHED: readonly Row[] = [
  { rule: "(default deny)", call: { tool: "other" } },
  { rule: "(hidden)", world: { policy: policyFile({ hide: ["t"] }) } },
  {
    rule: "(hidden)",
    world: { policy: policyFile({ hide: "*" }), grant: grantFile({ mode: "monitor" }) },
  },
  { rule: "/tools/t/args", world: { policy: rulesOf({ args: [] }) }, call: { args: { a: 1 } } },
  { rule: "/tools/t/require/0", world: { policy: never } },
  {
    rule: "/tools/t/deny_if/0",
    world: { policy: rulesOf({ deny_if: [eq("args.a", 1)] }) },
    call: { args: { a: 1 } },
  },
  {
    rule: "/all_tools/require/0",
    world: { policy: policyFile({ all_tools: { require: [eq("args.a", 1)] } }) },
  },
  {
    rule: "/tools/t/limits/0",
    world: { policy: rulesOf({ limits: [{ counter: "c", window: "hour", max: 0 }] }) },
  },
  // The argument says that it is no patient's.
  { rule: "(default deny)", call: { tool: "area", args: { area: "staff" } } },
  {
    rule: "/methods/resources~1read/require/0",
    world: {
      policy: policyFile({ methods: { "resources/read": { require: [eq("args.uri", "x")] } } }),
    },
    call: { method: "resources/read", args: { uri: "y" } },
  },
];

const ENFORCED: readonly (Row & { readonly why: string })[] = [
  { why: "the tool has patient data", rule: "(default deny)", call: { tool: "chart" } },
  { why: "nobody described the tool", rule: "(default deny)", call: { tool: "unknown" } },
  {
    why: "the argument says that it is a patient's",
    rule: "(default deny)",
    call: { tool: "area", args: { area: "patients" } },
  },
  {
    why: "the argument says nothing known",
    rule: "(default deny)",
    call: { tool: "area", args: { area: "elsewhere" } },
  },
  {
    why: "the policy lists no such method",
    rule: "(method)",
    call: { method: "resources/subscribe" },
  },
  {
    why: "the grant has expired",
    rule: "(expired)",
    call: { tool: "other", at: Date.UTC(2028, 0, 1) },
  },
  {
    why: "the grant was revoked",
    rule: "(revoked)",
    world: { circumstances: { revoked: new Set(["g1"]) } },
    call: { tool: "other" },
  },
  {
    why: "an emergency stop is in force",
    rule: "(halted)",
    world: { circumstances: { halted: { all: true, tools: [], grants: new Set() } } },
    call: { tool: "other" },
  },
  {
    why: "the emergency grant is not open",
    rule: "(dormant)",
    world: {
      grant: grantFile({ breakGlass: { openers: ["person:m.chen"], max: "1h" } }),
      circumstances: { opened: new Set() },
    },
    call: { tool: "other" },
  },
  {
    why: "the grant has no policy for the server",
    rule: "(no policy)",
    world: { grant: grantFile({ access: [{ server: "elsewhere", policy: "p1" }] }) },
  },
  // A tool that the policy does not reach is looked at all the same.
  {
    why: "the tool is not pinned",
    rule: "(quarantined)",
    world: { schemas: { t: { type: "object" } } },
    call: { tool: "other" },
  },
  {
    why: "the tool has changed since its review",
    rule: "(quarantined)",
    world: {
      schemas: { other: { type: "object" } },
      circumstances: { drifted: { has: () => true } },
    },
    call: { tool: "other" },
  },
  {
    why: "the arguments are not of the pinned form",
    rule: "(schema)",
    world: { schemas: { other: { type: "object", maxProperties: 0 } } },
    call: { tool: "other", args: { a: 1 } },
  },
];

describe("a denial by the rules is only watched", () => {
  test.each(WATCHED)("by $rule", ({ rule, world: more, call }) => {
    const { decision, charges } = judge(world(more), call);
    expect(decision).toMatchObject({
      verdict: "allow",
      monitored: true,
      rule,
      ephi: false,
      message: "",
    });
    expect(charges).toEqual([]);
    // The same by the grant's mode alone, and not by anybody's: then it is denied.
    const grant = { ...(more?.grant ?? grantFile()), mode: "monitor" };
    const server = watching({ mode: "enforce" });
    expect(ask(world({ ...more, server, grant }), call)).toEqual(decision);
    const { mode: _, ...enforcing } = grant as Fields & { mode: string };
    const denied = ask(world({ ...more, server, grant: enforcing }), call);
    expect(denied).toMatchObject({ verdict: "deny", rule });
    expect(denied.monitored).toBeUndefined();
  });
});

describe("nothing else is", () => {
  test.each(ENFORCED)("$why: $rule", ({ rule, world: more, call }) => {
    const decision = ask(world(more), call);
    expect(decision).toMatchObject({ verdict: "deny", rule });
    expect(decision.monitored).toBeUndefined();
  });
});

test("what the rules allow is allowed as ever, and takes from its limits", () => {
  const limits = [{ counter: "c", window: "hour", max: 5 }];
  const { decision, charges } = judge(world({ policy: rulesOf({ limits }) }));
  expect(decision).toMatchObject({ verdict: "allow", rule: "" });
  expect(decision.monitored).toBeUndefined();
  expect(charges).toHaveLength(1);
});

test("on a development gateway patient data passes too, and still no tool that nobody reviewed", () => {
  const circumstances = { monitor: "all" } as const;
  expect(ask(world({ circumstances }), { tool: "chart" })).toMatchObject({
    verdict: "allow",
    monitored: true,
    ephi: true,
  });
  expect(ask(world({ circumstances, schemas: { t: {} } }), { tool: "chart" })).toMatchObject({
    rule: "(quarantined)",
  });
  // Not where nothing is monitored.
  expect(ask({ circumstances }, { tool: "chart" }).verdict).toBe("deny");
});

test("a question about a policy alone is about what it says", () => {
  expect(ask(world({ policy: never }), { policy: "p1", server: "s1" })).toMatchObject({
    verdict: "deny",
  });
});

test("an explanation says that the call passes, and what would deny it", () => {
  const { decision, trace } = explain(repositoryOf(partsOf(world({ policy: never }))), callOf());
  expect(decision).toMatchObject({ verdict: "allow", monitored: true });
  expect(trace.slice(-2).map(({ rule, outcome }) => [rule, outcome])).toEqual([
    ["/tools/t/require/0", "denied"],
    ["(monitor)", "passed"],
  ]);
  expect(trace.at(-1)!.says).toMatch(/^monitor mode: .* \/tools\/t\/require\/0 would have denied$/);
});

test("to enforce compiles to what says nothing, and to monitor does not", () => {
  const digest = (fields: Fields) =>
    repositoryOf(partsOf({ server: serverFile(fields) })).source.digest;
  expect(digest({ mode: "enforce" })).toBe(digest({}));
  expect(digest({ mode: "monitor" })).not.toBe(digest({}));
});
