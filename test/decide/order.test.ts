/** The order of a decision, rule by rule: what each says, to whom, and that the first denial wins. */
import { describe, expect, test } from "vitest";
import type { Circumstances } from "../../engine/decide/decide.ts";
import { BY_ITSELF, decide } from "../../engine/decide/decide.ts";
import { lockOfSchemas, repositoryOf } from "../support/compile.ts";
import {
  ask,
  type CallFields,
  callOf,
  type Fields,
  grantFile,
  judge,
  NOW,
  policyFile,
  rulesOf,
  serverFile,
} from "../support/world.ts";

/** An emergency stop of everything. */
const EVERYTHING = { all: true, tools: [], grants: new Set<string>() };

/** A call that is allowed, to be spoilt one step at a time. */
interface Draft {
  policy: {
    default: string;
    hide: string[];
    tools: Record<string, Fields>;
    methods: Fields;
    all_tools: Fields;
  };
  grant: Fields;
  server: Fields;
  schemas: Record<string, Fields>;
  requireBaa: boolean;
  circumstances: { -readonly [K in keyof Circumstances]?: Circumstances[K] };
  call: { -readonly [K in keyof CallFields]: CallFields[K] };
}

function draft(): Draft {
  return {
    policy: { default: "deny", hide: [], tools: { t: {} }, methods: {}, all_tools: {} },
    grant: grantFile(),
    server: serverFile(),
    schemas: { t: { type: "object" } },
    requireBaa: false,
    circumstances: {},
    call: { args: { a: 1 } },
  };
}

function decided({ policy, grant, server, schemas, requireBaa, circumstances, call }: Draft) {
  const repository = repositoryOf({
    policies: { p1: { version: "1", ...policy } },
    grants: { g1: grant },
    servers: { s1: server },
    locks: { s1: lockOfSchemas(schemas) },
    requireBaa,
  });
  return decide(repository, callOf(call), { ...BY_ITSELF, ...circumstances });
}

interface Step {
  readonly title?: string;
  readonly rule: string;
  readonly reason: string;
  /** Where the agent reads something else than the log. */
  readonly message?: "(not granted)";
  /** Makes the step deny, and no step before it. */
  spoil(draft: Draft): void;
}

const IS = (value: number) => ({ path: "args.a", op: "eq", value });
const NONE = { counter: "calls", window: "minute", max: 0 };
const tool = (draft: Draft, rules: Fields): void => {
  draft.policy.tools.t = { ...draft.policy.tools.t, ...rules };
};

/** The order that the language names, from who may come in to how often. */
const STEPS: readonly Step[] = [
  {
    rule: "(no grant)",
    reason: "no such grant",
    spoil: ({ call }) => {
      call.grant = "nobody";
    },
  },
  {
    rule: "(expired)",
    reason: "the grant expired on 2026-10-01",
    spoil: ({ grant }) => {
      grant.expires = "2026-10-01";
    },
  },
  {
    rule: "(not yet valid)",
    reason: "the grant is valid from 2026-10-02",
    spoil: ({ grant }) => {
      grant.issued = "2026-10-02";
    },
  },
  {
    rule: "(revoked)",
    reason: "the grant was revoked",
    spoil: ({ circumstances }) => {
      circumstances.revoked = new Set(["g1"]);
    },
  },
  {
    rule: "(dormant)",
    reason: "this emergency-access grant is not open",
    spoil: ({ grant, circumstances }) => {
      grant.breakGlass = { openers: ["person:a.example"], max: "4h" };
      circumstances.opened = new Set(["g2"]);
    },
  },
  {
    rule: "(halted)",
    reason: "an emergency stop is in force",
    spoil: ({ circumstances }) => {
      circumstances.halted = EVERYTHING;
    },
  },
  {
    rule: "(stale)",
    reason: "the policy in force is older than it may be",
    spoil: ({ circumstances }) => {
      circumstances.stale = true;
    },
  },
  {
    rule: "(unknown server)",
    reason: "the server is not in the registry",
    message: "(not granted)",
    spoil: ({ call, grant }) => {
      call.server = "s9";
      grant.access = [...(grant.access as object[]), { server: "s9", policy: "p1" }];
    },
  },
  {
    rule: "(no baa)",
    reason: "the server has no business associate agreement in force",
    spoil: (draft) => {
      draft.requireBaa = true;
      draft.server.vendor = { name: "Example EHR Inc.", baa: { status: "pending" } };
    },
  },
  {
    rule: "(no policy)",
    reason: "the grant has no policy for this server",
    message: "(not granted)",
    spoil: ({ grant }) => {
      grant.access = [{ server: "s2", policy: "p1" }];
    },
  },
  {
    rule: "(method)",
    reason: "the policy does not list this method",
    spoil: ({ call }) => {
      call.method = "resources/read";
      call.tool = "";
    },
  },
  {
    rule: "(hidden)",
    reason: "the policy hides this tool",
    message: "(not granted)",
    spoil: ({ policy }) => {
      policy.hide = ["t"];
    },
  },
  {
    rule: "(default deny)",
    reason: "the policy does not list this tool",
    message: "(not granted)",
    spoil: ({ policy }) => {
      delete policy.tools.t;
    },
  },
  {
    title: "(quarantined): not pinned",
    rule: "(quarantined)",
    reason: "the tool is not pinned in the server's lock",
    message: "(not granted)",
    spoil: (draft) => {
      draft.schemas = { other: { type: "object" } };
    },
  },
  {
    title: "(quarantined): differs from its pin",
    rule: "(quarantined)",
    reason: "the tool's live definition differs from its pin",
    message: "(not granted)",
    spoil: ({ circumstances }) => {
      circumstances.drifted = new Set(["s1/t"]);
    },
  },
  {
    title: "(quarantined): a schema that cannot be used",
    rule: "(quarantined)",
    reason:
      "the tool's pinned schema cannot be used: the schema refers to something outside itself",
    message: "(not granted)",
    spoil: ({ schemas }) => {
      schemas.t = { ...schemas.t, $ref: "https://example.org/schema.json" };
    },
  },
  {
    rule: "(schema)",
    reason: "the arguments do not satisfy the tool's pinned schema: `z` is missing",
    spoil: ({ schemas }) => {
      schemas.t = { ...schemas.t, required: ["z"] };
    },
  },
  {
    rule: "/tools/t/args",
    reason: "arguments that the policy does not grant: 1 that the tool does not describe",
    spoil: (draft) => tool(draft, { args: ["b"] }),
  },
  {
    rule: "/tools/t/require/1",
    reason: "require/1: `args.a eq 2` does not hold",
    spoil: (draft) => tool(draft, { require: [IS(1), IS(2), IS(3)] }),
  },
  {
    rule: "/tools/t/deny_if/1",
    reason: "deny_if/1: `args.a eq 1` holds",
    spoil: (draft) => tool(draft, { deny_if: [IS(2), IS(1), IS(1)] }),
  },
  {
    rule: "/all_tools/require/0",
    reason: "require/0: `args.a eq 4` does not hold",
    spoil: ({ policy }) => {
      policy.all_tools.require = [IS(4)];
    },
  },
  {
    rule: "/all_tools/deny_if/0",
    reason: "deny_if/0: `args.a eq 1` holds",
    spoil: ({ policy }) => {
      policy.all_tools.deny_if = [IS(1)];
    },
  },
  {
    rule: "/tools/t/limits/1",
    reason: "limit `calls`: at most 0 calls a minute",
    spoil: (draft) => tool(draft, { limits: [{ counter: "other", window: "day", max: 9 }, NONE] }),
  },
  {
    rule: "/all_tools/limits/0",
    reason: "limit `calls`: at most 0 calls a minute",
    spoil: ({ policy }) => {
      policy.all_tools.limits = [NONE];
    },
  },
];
const titled = STEPS.map((step) => [step.title ?? step.rule, step] as const);

describe("each step of the order", () => {
  test("denies nothing of a call that is well", () => {
    expect(decided(draft()).decision).toMatchObject({
      verdict: "allow",
      rule: "",
      reason: "every rule of policy `p1` allows it",
      message: "",
      grant: "g1",
      policy: { name: "p1" },
    });
  });

  test.each(titled)("%s: denies under its name and charges nothing", (_, step) => {
    const spoilt = draft();
    step.spoil(spoilt);
    const { decision, charges } = decided(spoilt);
    expect(decision).toMatchObject({
      verdict: "deny",
      rule: step.rule,
      reason: step.reason,
      message: step.message ?? step.reason,
    });
    expect(charges).toEqual([]);
  });
});

describe("the first denial wins", () => {
  /** A grant that ended before it began is refused when it is written. */
  const never = (a: string, b: string): boolean => a === "(expired)" && b === "(not yet valid)";
  const pairs = STEPS.flatMap((earlier, i) =>
    STEPS.slice(i + 1)
      .filter(({ rule }) => rule !== earlier.rule && !never(earlier.rule, rule))
      .map(
        (later) =>
          [earlier.title ?? earlier.rule, later.title ?? later.rule, earlier, later] as const,
      ),
  );

  test("the pairs are nearly all that there are", () => {
    expect(pairs).toHaveLength((24 * 23) / 2 - 1 - 3);
  });

  test.each(pairs)("%s before %s", (_, __, earlier, later) => {
    const both = draft();
    later.spoil(both);
    earlier.spoil(both);
    expect(decided(both).decision).toMatchObject({ rule: earlier.rule, reason: earlier.reason });
  });

  test("all of them at once: taking away the first lets the next one speak", () => {
    // Without the ones that replace what a later one needs.
    const apart = new Set(["(not yet valid)", "(method)", "(default deny)"]);
    const steps = STEPS.filter(
      ({ rule, title }) => !apart.has(rule) && title !== "(quarantined): not pinned",
    );
    for (const [i] of steps.entries()) {
      const spoilt = draft();
      for (const step of steps.slice(i).reverse()) step.spoil(spoilt);
      expect(decided(spoilt).decision.reason).toBe(steps[i]!.reason);
    }
  });
});

describe("a method is judged by its own entry", () => {
  const methods = (rules: Fields, more: Fields = {}) =>
    policyFile({ methods: { "resources/read": rules }, ...more });
  const read: CallFields = { method: "resources/read", args: { a: 1 } };
  const at = "/methods/resources~1read";

  test.each<[rule: string, rules: Fields]>([
    ["", {}],
    ["", { args: ["a"], require: [IS(1)], deny_if: [IS(2)], limits: [{ ...NONE, max: 1 }] }],
    [`${at}/args`, { args: [], require: [IS(2)] }],
    [`${at}/require/0`, { require: [IS(2)], deny_if: [IS(1)] }],
    [`${at}/deny_if/0`, { deny_if: [IS(1)], limits: [NONE] }],
    [`${at}/limits/0`, { limits: [NONE] }],
  ])("rule %j of %j", (rule, rules) => {
    expect(ask({ policy: methods(rules) }, read)).toMatchObject({
      rule,
      verdict: rule === "" ? "allow" : "deny",
    });
  });

  test.each<[what: string, more: Fields]>([
    ["hide", { hide: "*" }],
    ["all_tools", { all_tools: { require: [IS(2)], deny_if: [IS(1)], limits: [NONE] } }],
    ["a tool of the same name", { tools: { "resources/read": { args: [], limits: [NONE] } } }],
  ])("%s says nothing of it", (_, more) => {
    expect(ask({ policy: methods({}, more) }, read).rule).toBe("");
  });

  test("a lock, which pins tools, says nothing of it", () => {
    const world = { policy: methods({}), schemas: { "resources/read": { required: ["z"] } } };
    expect(ask(world, read).rule).toBe("");
  });

  test.each(["deny", "allow"])("one that is not listed is denied with `default: %s`", (value) => {
    const server = serverFile({ methods: { "prompts/get": { ephi: false } } });
    const policy = methods({}, { default: value });
    expect(ask({ policy, server }, { method: "prompts/get" })).toMatchObject({
      rule: "(method)",
      ephi: false,
    });
  });

  test("its label is the server's label of methods, and otherwise the worst", () => {
    const server = serverFile({
      tools: { "resources/read": { effect: "write", ephi: false, subject: "none" } },
      methods: { "prompts/get": { effect: "read", ephi: false, subject: "args.patient" } },
    });
    const policy = policyFile({ methods: { "resources/read": {}, "prompts/get": {} } });
    expect(ask({ policy, server }, read)).toMatchObject({
      effect: "execute",
      ephi: true,
      subjectArg: "unknown",
    });
    expect(ask({ policy, server }, { method: "prompts/get" })).toMatchObject({
      effect: "read",
      ephi: false,
      subjectArg: "args.patient",
    });
  });
});

test.each([
  ["a/b", "/tools/a~1b/args"],
  ["a~b", "/tools/a~0b/args"],
  ["~1", "/tools/~01/args"],
  ["constructor", "/tools/constructor/args"],
  ["", "(default deny)"],
  ["toString", "(default deny)"],
])("a tool named %j is denied by %s", (name, rule) => {
  const rules = { args: [] };
  const policy = policyFile({
    tools: { "a/b": rules, "a~b": rules, "~1": rules, constructor: rules },
  });
  expect(ask({ policy }, { tool: name, args: { a: 1 } }).rule).toBe(rule);
});

describe("when a grant is valid", () => {
  test.each([
    ["2026-08-31T23:59:59.999Z", "(not yet valid)"],
    ["2026-09-01T00:00:00.000Z", ""],
    ["2027-02-28T23:59:59.999Z", ""],
    ["2027-03-01T00:00:00.000Z", "(expired)"],
    // The same instant, said in other places.
    ["2027-02-28T19:00:00.000-05:00", "(expired)"],
    ["2026-09-01T01:59:59.999+02:00", "(not yet valid)"],
  ])("at %s: %j", (at, rule) => {
    expect(ask({}, { at: Date.parse(at) }).rule).toBe(rule);
  });

  test("another grant's revocation is not its own", () => {
    expect(ask({ circumstances: { revoked: new Set(["g2", "agent:bot-1"]) } }).rule).toBe("");
  });
});

describe("break-glass", () => {
  const grant = grantFile({ breakGlass: { openers: ["person:a.example"], max: "4h" } });

  test.each<[title: string, grant: Fields, opened: Set<string> | undefined, rule: string]>([
    ["is dormant when nothing is open", grant, new Set(), "(dormant)"],
    ["is dormant when another one is open", grant, new Set(["g2"]), "(dormant)"],
    ["is judged once it is open", grant, new Set(["g1"]), ""],
    ["is judged as if open where nobody says what is open", grant, undefined, ""],
    ["says nothing of an ordinary grant", grantFile(), new Set(), ""],
  ])("%s", (_, grant, opened, rule) => {
    const circumstances = opened === undefined ? {} : { opened };
    expect(ask({ grant, circumstances }).rule).toBe(rule);
  });

  test("an open one still obeys its policy", () => {
    const world = {
      grant,
      policy: rulesOf({ args: [] }),
      circumstances: { opened: new Set(["g1"]) },
    };
    expect(ask(world, { args: { a: 1 } }).rule).toBe("/tools/t/args");
  });
});

describe("a tool that differs from its pin", () => {
  const schemas = { t: { type: "object" } };

  test.each<
    [title: string, drifted: string[], schemas: Record<string, object> | undefined, rule: string]
  >([
    ["is quarantined", ["s1/t"], schemas, "(quarantined)"],
    ["is no other tool of the server", ["s1/u"], schemas, ""],
    ["is no tool of another server", ["s2/t", "t"], schemas, ""],
    ["differs from nothing where nothing is pinned", ["s1/t"], undefined, ""],
  ])("%s", (_, drifted, schemas, rule) => {
    const world = { circumstances: { drifted: new Set(drifted) } };
    expect(ask(schemas === undefined ? world : { ...world, schemas }).rule).toBe(rule);
  });
});

test("arguments deeper than any reader lets through satisfy no pinned schema", () => {
  const nested = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels));
  const rule = (levels: number): string =>
    ask({ schemas: { t: {} } }, { args: { a: nested(levels) } }).rule;
  // The arguments themselves are one level more.
  expect(rule(63)).toBe("");
  expect(rule(64)).toBe("(schema)");
  expect(rule(5000)).toBe("(schema)");
});

describe("(stale) and (no baa) guard patient data only", () => {
  const label = (ephi: unknown) => ({ t: { effect: "read", ephi } });
  const BY_KIND = { by: "args.kind", cases: { staff: false, patient: true } };

  test.each<[title: string, tools: Fields, args: Fields, guarded: boolean]>([
    ["a tool with patient data", label(true), {}, true],
    ["a tool without", label(false), {}, false],
    ["a tool that nobody described", {}, {}, true],
    ["a tool whose argument says so", label(BY_KIND), { kind: "patient" }, true],
    ["a tool whose argument says otherwise", label(BY_KIND), { kind: "staff" }, false],
    ["a tool whose argument says nothing known", label(BY_KIND), { kind: "Staff" }, true],
  ])("%s", (_, tools, args, guarded) => {
    const server = serverFile({ tools });
    delete server.vendor;
    expect(ask({ server, circumstances: { stale: true } }, { args }).rule).toBe(
      guarded ? "(stale)" : "",
    );
    expect(ask({ server, requireBaa: true }, { args }).rule).toBe(guarded ? "(no baa)" : "");
    expect(ask({ server }, { args }).rule).toBe("");
  });

  test("a halt guards everything", () => {
    const server = serverFile({ tools: label(false) });
    expect(ask({ server, circumstances: { halted: EVERYTHING } }).rule).toBe("(halted)");
  });
});

describe("a business associate agreement is in force", () => {
  const midnight = Date.UTC(2026, 9, 2);
  test.each<[baa: Fields, at: number, rule: string]>([
    [{ status: "signed" }, NOW, ""],
    [{ status: "signed", signed: "2026-10-02" }, midnight, ""],
    [{ status: "signed", signed: "2026-10-02" }, midnight - 1, "(no baa)"],
    [{ status: "signed", signed: "2026-10-01", expires: "2026-10-02" }, midnight - 1, ""],
    [{ status: "signed", signed: "2026-10-01", expires: "2026-10-02" }, midnight, "(no baa)"],
    [{ status: "pending" }, NOW, "(no baa)"],
    [{ status: "pending", signed: "2026-10-01" }, NOW, "(no baa)"],
    [{ status: "none" }, NOW, "(no baa)"],
    [{ status: "not_required" }, NOW, ""],
  ])("%j: %j", (baa, at, rule) => {
    const server = serverFile({ vendor: { name: "Example EHR Inc.", baa } });
    expect(ask({ server, requireBaa: true }, { at }).rule).toBe(rule);
    expect(ask({ server }, { at }).rule).toBe("");
  });
});

describe("default: allow", () => {
  const BY = { by: "args.kind", cases: { staff: false } };
  test.each<[title: string, tools: Fields, rule: string]>([
    ["reaches a tool labelled free of patient data", { u: { ephi: false } }, ""],
    ["does not reach one with patient data", { u: { ephi: true } }, "(default deny)"],
    ["does not reach one without a label", {}, "(default deny)"],
    ["does not reach one whose label leaves it out", { u: { effect: "read" } }, "(default deny)"],
    // Today's argument says so; tomorrow's may not.
    [
      "does not reach one whose label depends on an argument",
      { u: { ephi: BY } },
      "(default deny)",
    ],
  ])("%s", (_, tools, rule) => {
    const world = { policy: policyFile({ default: "allow" }), server: serverFile({ tools }) };
    const decision = ask(world, { tool: "u", args: { kind: "staff" } });
    expect(decision.rule).toBe(rule);
    expect(decision.message).toBe(rule === "" ? "" : "(not granted)");
    if (rule !== "") {
      expect(decision.reason).toBe(
        "`default: allow` reaches only tools that are labelled `ephi: false`",
      );
    }
  });

  test("what it reaches is still judged by all_tools, its pin and the quotas", () => {
    const server = serverFile({ tools: { u: { ephi: false } } });
    const rule = (all_tools: Fields, schemas: Record<string, object>): string =>
      ask(
        { policy: policyFile({ default: "allow", all_tools }), server, schemas },
        { tool: "u", args: { a: 1 } },
      ).rule;
    const schemas = { u: { type: "object" } };
    expect(rule({}, schemas)).toBe("");
    expect(rule({}, { t: { type: "object" } })).toBe("(quarantined)");
    expect(rule({}, { u: { required: ["z"] } })).toBe("(schema)");
    expect(rule({ require: [IS(2)] }, schemas)).toBe("/all_tools/require/0");
    expect(rule({ limits: [NONE] }, schemas)).toBe("/all_tools/limits/0");
  });

  test("leaves a listed tool with patient data to its own rules", () => {
    const policy = rulesOf({ require: [IS(1)] }, { default: "allow" });
    expect(ask({ policy }, { args: { a: 1 } }).rule).toBe("");
    expect(ask({ policy }, { args: { a: 2 } }).rule).toBe("/tools/t/require/0");
  });
});

describe("what the agent reads", () => {
  const on = (text: string) => ({ on_deny: text });
  const wrong = { conditions: [IS(2)] };

  test.each<[title: string, policy: Fields, message: string]>([
    [
      "the entry's own text",
      rulesOf({ ...on("tool"), require: [{ ...wrong, ...on("entry") }] }),
      "entry",
    ],
    [
      "the tool's text where the entry has none",
      rulesOf({ ...on("tool"), require: [wrong] }),
      "tool",
    ],
    [
      "of a deny_if entry too",
      rulesOf({ ...on("tool"), deny_if: [{ conditions: [IS(1)], ...on("entry") }] }),
      "entry",
    ],
    ["the tool's text for its args", rulesOf({ ...on("tool"), args: [] }), "tool"],
    ["the tool's text for its limits", rulesOf({ ...on("tool"), limits: [NONE] }), "tool"],
    [
      "the text of all_tools for its rules",
      policyFile({ all_tools: { ...on("all"), require: [wrong] } }),
      "all",
    ],
    [
      "the text of all_tools for its limits",
      policyFile({ all_tools: { ...on("all"), limits: [NONE] } }),
      "all",
    ],
    // It would tell the agent to mend what is not wrong.
    [
      "not the tool's text for a rule of all_tools",
      rulesOf(on("tool"), { all_tools: { require: [wrong] } }),
      "require/0: `args.a eq 2` does not hold",
    ],
    [
      "not the text of an entry that did not decide",
      rulesOf({ require: [{ conditions: [IS(1)], ...on("entry") }, IS(2)] }),
      "require/1: `args.a eq 2` does not hold",
    ],
    [
      "the name of an entry that has one",
      rulesOf({ require: [{ ...wrong, name: "one patient" }] }),
      "one patient: `args.a eq 2` does not hold",
    ],
  ])("%s", (_, policy, message) => {
    expect(ask({ policy }, { args: { a: 1 } }).message).toBe(message);
  });

  test("the log reads the reason, whatever the agent reads", () => {
    const policy = rulesOf({ on_deny: "tool", args: [] });
    expect(ask({ policy }, { args: { a: 1 } }).reason).toBe(
      "arguments that the policy does not grant: 1 that the tool does not describe",
    );
  });

  // An answer that differs would tell which tools there are.
  test("the same of a tool that is hidden, quarantined, unlisted or not there at all", () => {
    const policy = policyFile({
      hide: ["hidden"],
      tools: { hidden: { on_deny: "text" }, quarantined: { on_deny: "text" } },
    });
    const seen = ["hidden", "quarantined", "unlisted", "none"].map((tool) => {
      const world = {
        policy,
        server: serverFile({ tools: { unlisted: { ephi: true } } }),
        schemas: { hidden: {}, unlisted: {} },
      };
      const { message, verdict } = ask(world, { tool });
      return { message, verdict };
    });
    expect(new Set(seen.map((one) => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify({ message: "(not granted)", verdict: "deny" })]),
    );
  });

  test("names of the pinned schema, and only a count of names that the sender made up", () => {
    const schemas = { t: { type: "object", properties: { a: {}, b: {} } } };
    const world = { policy: rulesOf({ args: ["b"] }), schemas };
    expect(ask(world, { args: { a: 1, b: 2, "Ann Example": 3, x: 4 } }).message).toBe(
      "arguments that the policy does not grant: `a`, 2 that the tool does not describe",
    );
    expect(ask(world, { args: { a: 1, constructor: 2 } }).message).toBe(
      "arguments that the policy does not grant: `a`, 1 that the tool does not describe",
    );
  });
});

describe("which effect, whether ePHI, which patient", () => {
  const by = (path: string) => ({
    by: path,
    cases: { GET: "read", POST: "write", constructor: "financial" },
  });
  const ephi = (path: string) => ({ by: path, cases: { GET: false, POST: true } });
  const label = (fields: Fields) => ({ effect: "read", ephi: false, ...fields });

  test.each<
    [title: string, label: Fields | undefined, args: Fields, effect: string, ephi: boolean]
  >([
    ["as labelled", { effect: "destructive", ephi: false }, {}, "destructive", false],
    ["the worst of a tool that nobody described", undefined, {}, "execute", true],
    ["the worst of what a label leaves out", { volume: "single" }, {}, "execute", true],
    [
      "the case that an argument names",
      label({ effect: by("args.m") }),
      { m: "POST" },
      "write",
      false,
    ],
    ["another case", label({ effect: by("args.m") }), { m: "GET" }, "read", false],
    [
      "the worst of a case that is not listed",
      label({ effect: by("args.m") }),
      { m: "PUT" },
      "execute",
      false,
    ],
    [
      "the worst of another spelling",
      label({ effect: by("args.m") }),
      { m: "get" },
      "execute",
      false,
    ],
    ["the worst without the argument", label({ effect: by("args.m") }), {}, "execute", false],
    [
      "the worst of a value that is no text",
      label({ effect: by("args.m") }),
      { m: ["GET"] },
      "execute",
      false,
    ],
    [
      "a case by an own name only",
      label({ effect: by("args.m") }),
      { m: "toString" },
      "execute",
      false,
    ],
    [
      "a case named like an inherited property",
      label({ effect: by("args.m") }),
      { m: "constructor" },
      "financial",
      false,
    ],
    [
      "an argument further down",
      label({ effect: by("args.r.m") }),
      { r: { m: "GET" } },
      "read",
      false,
    ],
    [
      "the worst where the way is blocked",
      label({ effect: by("args.r.m") }),
      { r: "GET" },
      "execute",
      false,
    ],
    ["ePHI by an argument", label({ ephi: ephi("args.m") }), { m: "POST" }, "read", true],
    ["no ePHI by an argument", label({ ephi: ephi("args.m") }), { m: "GET" }, "read", false],
    [
      "ePHI of a case that is not listed",
      label({ ephi: ephi("args.m") }),
      { m: "PUT" },
      "read",
      true,
    ],
    ["ePHI without the argument", label({ ephi: ephi("args.m") }), {}, "read", true],
  ])("%s", (_, label, args, effect, ephi) => {
    const server = serverFile({ tools: label === undefined ? {} : { t: label } });
    expect(ask({ server }, { args })).toMatchObject({ verdict: "allow", effect, ephi });
    // A denial says it too: the log of what was refused is read by the same people.
    expect(ask({ server, policy: policyFile({ tools: {} }) }, { args })).toMatchObject({
      verdict: "deny",
      effect,
      ephi,
    });
  });

  test.each<[subject: unknown, subjectArg: unknown]>([
    ["args.patient", "args.patient"],
    ["none", "none"],
    ["unknown", "unknown"],
    [undefined, "unknown"],
    [["args.patient"], "args.patient"],
    [
      ["args.a", 'args["b c"]'],
      ["args.a", 'args["b c"]'],
    ],
    ["args.ids[*]", "args.ids[*]"],
    ['args["patient"].id', "args.patient.id"],
  ])("subject %j is named %j", (subject, subjectArg) => {
    const fields = { effect: "read", ephi: true };
    const t = subject === undefined ? fields : { ...fields, subject };
    expect(ask({ server: serverFile({ tools: { t } }) }).subjectArg).toEqual(subjectArg);
  });

  test.each<[args: object, subjectArg: unknown]>([
    [{ type: "Patient", id: "p-1" }, "args.id"],
    [{ type: "Pair" }, ["args.id", "args.other"]],
    [{ type: "Ward" }, "none"],
    [{ type: "Observation" }, "unknown"],
    [{}, "unknown"],
  ])("of %j the case of the call is named, %j", (args, subjectArg) => {
    const cases = { Patient: "args.id", Pair: ["args.id", "args.other"], Ward: "none" };
    const t = { effect: "read", ephi: true, subject: { by: "args.type", cases } };
    const server = serverFile({ tools: { t } });
    expect(ask({ server }, { args }).subjectArg).toEqual(subjectArg);
    expect(ask({ server, policy: policyFile({ tools: {} }) }, { args })).toMatchObject({
      verdict: "deny",
      subjectArg,
    });
  });

  test("a limit on patients counts those of the case, and denies what is no case", () => {
    const limits = [{ counter: "patients", window: "hour", max: 1, distinct: "subject" }];
    const cases = { Patient: "args.id", Ward: "none" };
    const t = { effect: "read", ephi: true, subject: { by: "args.type", cases } };
    const world = { policy: rulesOf({ limits }), server: serverFile({ tools: { t } }) };
    const charged = (args: object) => judge(world, { args }).charges;
    expect(charged({ type: "Patient", id: "p-1" })).toMatchObject([{ subjects: ["p-1"] }]);
    expect(charged({ type: "Ward", id: "w-1" })).toMatchObject([{ subjects: [] }]);
    expect(ask(world, { args: { type: "Observation", id: "p-1" } })).toMatchObject({
      verdict: "deny",
      rule: "/tools/t/limits/0",
    });
  });
});

describe("a question about one policy alone", () => {
  const repository = repositoryOf({
    policies: { p1: rulesOf({ require: [{ path: "grant.department", op: "eq", value: "a" }] }) },
    grants: {},
    servers: { s1: serverFile({ tools: { t: { effect: "write", ephi: false } } }) },
    requireBaa: true,
  });
  const asked = (fields: CallFields) => decide(repository, callOf(fields)).decision;

  test("asks for no grant, no server and no agreement, and has no grant's attributes", () => {
    expect(asked({ policy: "p1", at: 0 })).toMatchObject({
      rule: "/tools/t/require/0",
      grant: null,
      reason: "`grant.department` is absent, so require/0 does not hold",
      undetermined: { path: "grant.department", why: "absent" },
    });
  });

  test("borrows the labels of a server that it names", () => {
    expect(asked({ policy: "p1" })).toMatchObject({ effect: "execute", ephi: true });
    expect(asked({ policy: "p1", server: "s1" })).toMatchObject({ effect: "write", ephi: false });
    expect(asked({ policy: "p1", server: "s9" })).toMatchObject({ effect: "execute", ephi: true });
  });

  test("is denied of a policy that does not exist", () => {
    expect(asked({ policy: "p9" })).toMatchObject({
      rule: "(no policy)",
      reason: "no such policy",
      message: "(not granted)",
      policy: null,
    });
  });
});

describe("what a decision names", () => {
  test("the policy with the digest of what it means", () => {
    const { policy } = ask({});
    expect(policy).toEqual({ name: "p1", digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
    expect(ask({}, { args: { a: 1 } }).policy).toEqual(policy);
    expect(ask({ policy: rulesOf({ args: [] }) }).policy).not.toEqual(policy);
  });

  test("no policy where none was found, and no grant where there is none", () => {
    expect(ask({ grant: grantFile({ access: [{ audit: "read" }] }) })).toMatchObject({
      rule: "(no policy)",
      policy: null,
      grant: "g1",
    });
    expect(ask({}, { grant: "nobody" })).toMatchObject({ policy: null, grant: null });
  });

  test("the open condition, in the words of the policy", () => {
    const policy = rulesOf({ deny_if: [{ path: "args.limit", op: "gt", value: 5 }] });
    expect(ask({ policy }, { args: { limit: "9" } })).toMatchObject({
      reason:
        "`args.limit` is a string where `gt` takes a number, so deny_if/0 cannot be ruled out",
      undetermined: { path: "args.limit", why: "a string where `gt` takes a number" },
    });
    expect(ask({ policy }, { args: { limit: 9 } })).not.toHaveProperty("undetermined");
  });

  test("what an allowed call takes from its limits, and nothing of a denied one", () => {
    const limits = [{ counter: "calls", window: "hour", max: 1 }];
    const policy = rulesOf({ limits }, { all_tools: { limits } });
    const { charges } = judge({ policy });
    expect(charges).toHaveLength(2);
    expect(new Set(charges.map(({ key }) => key)).size).toBe(2);
    const denied = rulesOf({ limits }, { all_tools: { limits: [NONE] } });
    expect(judge({ policy: denied }).charges).toEqual([]);
  });
});
