/** What holds of every policy and every call. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { Call } from "../../engine/decide/call.ts";
import { BY_ITSELF, type Decision, decide } from "../../engine/decide/decide.ts";
import { explain } from "../../engine/decide/explain.ts";
import type { ReadyRepository } from "../../engine/decide/prepare.ts";
import { InexactNumber, isObject, type Received } from "../../engine/json/value.ts";
import type { Lock } from "../../engine/policy/ir.ts";
import { parse } from "../../engine/policy/parse.ts";
import {
  type Condition,
  conditionTruth,
  type Entry,
  decide as oracle,
  type PolicyDocument,
  type Rules,
} from "../oracle/decide.ts";
import { grantDocument, policyDocument, serverDocument } from "../support/arbitrary.ts";
import { lockOfSchemas, repositoryOf } from "../support/compile.ts";
import { callOfPair, type Pair, pairs, partsOfPair, repositoryOfPair } from "../support/pairs.ts";

type LimitedRules = Rules & { limits?: object[] };

const asked = (repository: ReadyRepository, pair: Pair): Decision =>
  decide(repository, callOfPair(pair)).decision;
const verdict = (pair: Pair, policy?: PolicyDocument): "allow" | "deny" =>
  asked(repositoryOfPair(pair, policy), pair).verdict;

/** Every block of rules of a policy, changed; the blocks stay the same ones. */
function mapBlocks(
  policy: PolicyDocument,
  change: (rules: LimitedRules, pointer: string) => LimitedRules,
): PolicyDocument {
  const table = (name: "tools" | "methods") =>
    policy[name] === undefined
      ? {}
      : {
          [name]: Object.fromEntries(
            Object.entries(policy[name]).map(([key, rules]) => [
              key,
              change(rules, `/${name}/${key}`),
            ]),
          ),
        };
  return {
    ...policy,
    ...table("tools"),
    ...table("methods"),
    ...(policy.all_tools === undefined
      ? {}
      : { all_tools: change(policy.all_tools, "/all_tools") }),
  };
}

/** A drawn choice for each place that asks: the same places get the same answers. */
const choices = fc.infiniteStream(fc.nat({ max: 1_000_000 }));
type Choices = { next(): { value: number } };
const upTo = (stream: Choices, end: number): number => stream.next().value % end;

function shuffled<T>(list: readonly T[], stream: Choices): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(upTo(stream, rest.length), 1)[0]!);
}

/** Some of both, in a random order that keeps neither's. */
const mixed = <T>(a: readonly T[] = [], b: readonly T[] = [], stream: Choices): T[] =>
  shuffled([...a, ...b], stream);

const LIMIT = { counter: "calls", window: "hour", max: 0, scope: "grant" };

/** The policy with more said in it: rules are added, arguments and tools taken away. */
function narrowed(policy: PolicyDocument, by: PolicyDocument, stream: Choices): PolicyDocument {
  const blockOf = (pointer: string): LimitedRules => {
    const [, table = "", key = ""] = pointer.split("/");
    if (table === "all_tools") return by.all_tools ?? {};
    return (
      by[table as "tools" | "methods"]?.[pointer.slice(table.length + 2)] ?? by.tools?.[key] ?? {}
    );
  };
  const withAll = { ...policy, all_tools: policy.all_tools ?? {} };
  const more = mapBlocks(withAll, (rules, pointer) => {
    const added = blockOf(pointer);
    const args = upTo(stream, 4) === 0 && pointer !== "/all_tools" ? added.args : undefined;
    return {
      ...rules,
      require: mixed(rules.require, added.require, stream),
      deny_if: mixed(rules.deny_if, added.deny_if, stream),
      ...(args === undefined
        ? {}
        : { args: args.filter((name) => rules.args?.includes(name) !== false) }),
      ...(upTo(stream, 10) === 0 ? { limits: [LIMIT] } : {}),
    };
  });
  const hide = [policy.hide ?? [], upTo(stream, 4) === 0 ? (by.hide ?? []) : []].flat();
  return { ...more, hide: [...new Set(hide)] };
}

/** The policy with less said in it. */
function widened(policy: PolicyDocument, stream: Choices): PolicyDocument {
  const some = <T>(list: readonly T[] = []): T[] => list.filter(() => upTo(stream, 2) === 0);
  const less = mapBlocks(policy, ({ args, require, deny_if, ...rest }) => ({
    ...rest,
    ...(args === undefined || upTo(stream, 2) === 0 ? {} : { args }),
    require: some(require),
    deny_if: some(deny_if),
  }));
  return { ...less, hide: [policy.hide ?? []].flat().filter(() => upTo(stream, 2) === 0) };
}

describe("rules only ever take away", () => {
  test("a denial cannot be undone by adding any other rule", () => {
    const after = { allow: 0, deny: 0 };
    let denied = 0;
    fc.assert(
      fc.property(pairs, policyDocument, choices, (pair, by, stream) => {
        const then = verdict(pair, narrowed(pair.policy, by, stream));
        if (verdict(pair) === "allow") after[then]++;
        else {
          denied++;
          expect(then).toBe("deny");
        }
      }),
      { numRuns: 1000 },
    );
    expect(denied).toBeGreaterThan(150);
    // The added rules are not empty words: they deny some of what was allowed, and not all of it.
    expect(after.deny).toBeGreaterThan(50);
    expect(after.allow).toBeGreaterThan(50);
  });

  test("taking away a require, a deny_if, an args list or a hidden name never makes an allowed call denied", () => {
    const after = { allow: 0, deny: 0 };
    let allowed = 0;
    fc.assert(
      fc.property(pairs, choices, (pair, stream) => {
        const then = verdict(pair, widened(pair.policy, stream));
        if (verdict(pair) === "deny") after[then]++;
        else {
          allowed++;
          expect(then).toBe("allow");
        }
      }),
      { numRuns: 1000 },
    );
    expect(allowed).toBeGreaterThan(150);
    expect(after.allow).toBeGreaterThan(50);
    expect(after.deny).toBeGreaterThan(50);
  });
});

const groupsOf = (entry: Entry): Condition[][] =>
  "conditions" in entry ? [entry.conditions] : "any_of" in entry ? entry.any_of : [[entry]];

test("undetermined never allows: an entry of undetermined conditions denies, in require and in deny_if", () => {
  const seen = { require: 0, deny_if: 0 };
  fc.assert(
    fc.property(pairs, (pair) => {
      const { args = {}, at = 0 } = pair.call;
      const grant = pair.server === undefined ? undefined : pair.grant;
      // A policy is also asked about outside its grant's dates; here they are not the question.
      const inTime = { ...pair, call: { args, at, tool: "t" } };
      mapBlocks(pair.policy, (rules) => {
        for (const kind of ["require", "deny_if"] as const) {
          for (const entry of rules[kind] ?? []) {
            const open = groupsOf(entry).map((group) =>
              group.filter((condition) => conditionTruth(condition, args, grant) === "U"),
            );
            if (open.some((group) => group.length === 0)) continue;
            const policy: PolicyDocument = {
              version: "1",
              default: "deny",
              tools: { t: { [kind]: [{ any_of: open }] } },
            };
            const { verdict, rule } = asked(repositoryOfPair(inTime, policy), inTime);
            expect(verdict).toBe("deny");
            if (rule.startsWith("/")) {
              seen[kind]++;
              expect(rule).toBe(`/tools/t/${kind}/0`);
            }
          }
        }
        return rules;
      });
    }),
    { numRuns: 1200 },
  );
  expect(seen.require).toBeGreaterThan(50);
  expect(seen.deny_if).toBeGreaterThan(50);
});

/** The same rules in another order: entries, alternatives, conditions and names. */
function reordered(policy: PolicyDocument, stream: Choices): PolicyDocument {
  const entry = (one: Entry): Entry => {
    if ("conditions" in one) return { ...one, conditions: shuffled(one.conditions, stream) };
    if (!("any_of" in one)) return one;
    return { any_of: shuffled(one.any_of, stream).map((group) => shuffled(group, stream)) };
  };
  const entries = (list: Entry[] = []): Entry[] => shuffled(list.map(entry), stream);
  const other = mapBlocks(policy, (rules) => ({
    ...rules,
    ...(rules.args === undefined ? {} : { args: shuffled(rules.args, stream) }),
    require: entries(rules.require),
    deny_if: entries(rules.deny_if),
  }));
  return Array.isArray(policy.hide) ? { ...other, hide: shuffled(policy.hide, stream) } : other;
}

/** The same value with its keys in another order. */
function keysShuffled(value: unknown, stream: Choices): unknown {
  if (Array.isArray(value)) return value.map((item) => keysShuffled(item, stream));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    shuffled(Object.entries(value), stream).map(([key, member]) => [
      key,
      keysShuffled(member, stream),
    ]),
  );
}

function read(file: string, text: string): unknown {
  const parsed = parse(file, text);
  if (!("located" in parsed)) throw new Error(parsed.findings[0]?.message);
  return parsed.located.value;
}

describe("how it is written does not matter", () => {
  test("the order of entries, alternatives and conditions never changes the verdict", () => {
    fc.assert(
      fc.property(pairs, choices, (pair, stream) => {
        expect(verdict(pair, reordered(pair.policy, stream))).toBe(verdict(pair));
      }),
      { numRuns: 1000 },
    );
  });

  test("the order of keys, and YAML or JSON, change neither the digest nor the decision", () => {
    fc.assert(
      fc.property(pairs, choices, (pair, stream) => {
        const { policies, grants, servers } = partsOfPair(pair);
        const files = { policies, grants, servers };
        const yaml = read(
          "a.yaml",
          // Its block scalars lose a text of white space alone.
          stringify(keysShuffled(files, stream), { blockQuote: false }),
        ) as typeof files;
        const json = read("a.json", JSON.stringify(keysShuffled(files, stream))) as typeof files;
        const [original, fromYaml, fromJson] = [files, yaml, json].map((parts) =>
          repositoryOf(parts as Parameters<typeof repositoryOf>[0]),
        );
        expect(fromYaml!.source.digest).toBe(original!.source.digest);
        expect(fromJson!.source.digest).toBe(original!.source.digest);
        expect(asked(fromYaml!, pair)).toEqual(asked(original!, pair));
        expect(asked(fromJson!, pair)).toEqual(asked(original!, pair));
      }),
      { numRuns: 250 },
    );
  });

  test("the order of a call's arguments never changes the decision", () => {
    fc.assert(
      fc.property(pairs, choices, (pair, stream) => {
        const repository = repositoryOfPair(pair);
        const call = callOfPair(pair);
        const args = Object.fromEntries(shuffled(Object.entries(call.args), stream));
        expect(decide(repository, { ...call, args })).toEqual(decide(repository, call));
      }),
      { numRuns: 1000 },
    );
  });
});

test("`default: allow` reaches no unlisted tool that may touch ePHI", () => {
  const reached = { allow: 0, deny: 0 };
  fc.assert(
    fc.property(pairs, (pair) => {
      const { tool, method } = pair.call;
      const label = pair.server?.tools?.[tool];
      const { [tool]: _, ...tools } = pair.policy.tools ?? {};
      const policy: PolicyDocument = { ...pair.policy, default: "allow", tools };
      const decision = asked(repositoryOfPair(pair, policy), pair);
      if (method !== undefined && method !== "tools/call") return;
      reached[decision.verdict]++;
      if (decision.verdict === "allow") {
        expect(label?.ephi).toBe(false);
        expect(decision.ephi).toBe(false);
      }
    }),
    { numRuns: 1000 },
  );
  expect(reached.allow).toBeGreaterThan(100);
  expect(reached.deny).toBeGreaterThan(100);
});

test("a label that hangs on an argument judges each call as the label of its case would", () => {
  const limits = [{ counter: "patients", window: "day", max: 2, distinct: "subject" }];
  const heard = { allow: 0, deny: 0 };
  fc.assert(
    fc.property(pairs, (pair) => {
      const { server, call } = pair;
      const section = call.tool === "" ? "methods" : "tools";
      const name = call.tool === "" ? call.method! : call.tool;
      const labels = server?.[section];
      const label = labels?.[name];
      if (server === undefined || label === undefined) return;
      const policy = { version: "1", default: "deny", [section]: { [name]: { limits } } };
      const { effect, ephi, subject } = oracle(pair);
      const plain = { ...labels, [name]: { ...label, effect, ephi, subject } };
      const judged = (labels: typeof plain) =>
        decide(
          repositoryOf({
            ...partsOfPair({ ...pair, server: { ...server, [section]: labels } }),
            policies: { p1: policy },
          }),
          callOfPair(pair),
        );
      const { decision, charges } = judged({ ...labels });
      expect({ decision, charges }).toEqual(judged(plain));
      if (typeof label.subject === "object" && !Array.isArray(label.subject)) {
        heard[decision.verdict]++;
      }
    }),
    { numRuns: 3000 },
  );
  expect(heard.allow).toBeGreaterThan(10);
  expect(heard.deny).toBeGreaterThan(10);
});

// ---------------------------------------------------------------- any JSON at all

const KEYS = ["a", "b", "c", "__proto__", "constructor", "length", "toString", "0", "", "😀"];
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...KEYS) },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
);

/** As a reader makes it: `__proto__` is a property like any other. */
function object(entries: readonly (readonly [string, Received])[]): Received {
  const made = {};
  for (const [name, value] of entries) {
    Object.defineProperty(made, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return made as Received;
}

const { json } = fc.letrec<{ json: Received; list: Received; object: Received }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: fc.jsonValue() as fc.Arbitrary<Received> },
    { weight: 3, arbitrary: fc.constantFrom<Received>("", "a", "ab", 0, -0, 1, 1e21, null, true) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom("9007199254740993", "1e400", "-1e-400")
        .map((text) => new InexactNumber(text)),
    },
    { weight: 2, arbitrary: tie("list") },
    { weight: 2, arbitrary: tie("object") },
  ),
  list: fc.array(tie("json"), { maxLength: 4 }),
  object: fc.array(fc.tuple(key, tie("json")), { maxLength: 5 }).map(object),
}));

const anyArguments = fc.array(fc.tuple(key, json), { maxLength: 6 }).map(object);

/** An array in an array in an array, so deep that only a loop can walk it. */
function nested(depth: number): Received {
  let value: Received = "end";
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

function frozen(value: Received): Received {
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== "object" || next === null) continue;
    Object.freeze(next);
    waiting.push(...Object.values(next));
  }
  return value;
}

/** A pair's repository with quotas, and with a pin for its tools. */
function guarded(pair: Pair, lock: Lock | undefined): ReadyRepository {
  const limits = [
    { counter: "sum", window: "hour", max: 100, increment_from: "args.b" },
    { counter: "patients", window: "day", max: 2, distinct: "subject", scope: "server" },
  ];
  let block = 0;
  const policy = mapBlocks(pair.policy, (rules) =>
    block++ % 3 === 0 ? { ...rules, limits } : rules,
  );
  return repositoryOf({
    ...partsOfPair({ ...pair, policy }),
    ...(lock === undefined ? {} : { locks: { s1: lock } }),
  });
}

/** Locks that accept nearly anything, and locks that do not; half the time none. */
const LOCKS = [
  { t1: {}, t2: { type: "object" }, t3: { properties: { a: { type: "string" } } }, t4: {} },
  {
    t1: {
      additionalProperties: false,
      properties: { a: { uniqueItems: true }, b: { minimum: 0 } },
    },
    t2: { properties: { c: { items: { enum: ["a", 1, null] } } }, required: ["a"] },
    t3: {
      $defs: { x: { items: { $ref: "#/$defs/x" } } },
      properties: { a: { $ref: "#/$defs/x" } },
    },
    t4: { not: { required: ["a"] }, propertyNames: { maxLength: 3 } },
  },
].map((schemas) => lockOfSchemas(schemas));
const lock = fc.constantFrom(undefined, undefined, ...LOCKS);

test("decide answers on any JSON, always the same, and changes nothing", () => {
  const rules = new Map<string, number>();
  fc.assert(
    fc.property(
      pairs,
      anyArguments,
      lock,
      anyArguments,
      // Kept apart: a value this deep can be judged, but not printed when something fails.
      fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(50_000) }),
      (pair, drawn, lock, other, depth) => {
        const repository = guarded(pair, lock);
        const args =
          depth === 0 ? drawn : object([...Object.entries(drawn as object), ["a", nested(depth)]]);
        const call = { ...callOfPair(pair), args: frozen(args) as Call["args"] };
        const first = decide(repository, call);
        const { verdict, rule, reason, message } = first.decision;
        expect(verdict).toBe(rule === "" ? "allow" : "deny");
        expect(reason).not.toBe("");
        expect(message === "").toBe(verdict === "allow");
        if (verdict === "deny") expect(first.charges).toEqual([]);
        // Not by what was asked before, and not by the copy of the repository that is asked.
        decide(repository, { ...call, args: other as Call["args"] });
        expect(decide(repository, call)).toEqual(first);
        expect(decide(guarded(pair, lock), call)).toEqual(first);
        const kind = rule.replace(/^\/(tools|methods)\/[^/]*/, "/x").replace(/[0-9]+$/, "");
        rules.set(kind, (rules.get(kind) ?? 0) + 1);
      },
    ),
    { numRuns: 800 },
  );
  for (const rule of ["", "/x/require/", "/x/deny_if/", "/x/args", "/x/limits/", "(schema)"]) {
    expect(rules.get(rule) ?? 0, rule).toBeGreaterThan(3);
  }
});

test("a decision for a grant never depends on other grants, policies and servers", () => {
  fc.assert(
    fc.property(
      pairs,
      fc.array(grantDocument, { maxLength: 3 }),
      policyDocument,
      serverDocument,
      (pair, grants, policy, server) => {
        const parts = partsOfPair(pair);
        const others = Object.fromEntries(
          grants.map((grant, i) => [`other-${i}`, { ...grant, id: `other-${i}` }]),
        );
        const crowded = repositoryOf({
          policies: { ...parts.policies, p2: policy },
          grants: { ...others, ...parts.grants },
          servers: { s2: { ...server, id: "s2" }, ...parts.servers },
        });
        const call = callOfPair(pair);
        expect(decide(crowded, call)).toEqual(decide(repositoryOf(parts), call));
        const circumstances = {
          ...BY_ITSELF,
          revoked: new Set(Object.keys(others)),
          opened: new Set(Object.keys(others)),
          drifted: new Set(["s2/t1", "s2/t2"]),
        };
        expect(decide(crowded, call, circumstances)).toEqual(decide(crowded, call));
      },
    ),
    { numRuns: 500 },
  );
});

// ---------------------------------------------------------------- nothing of a patient

const MARK = "Zz9q";

/** Every text and number of the arguments becomes one that stands nowhere else. */
function marked(value: Received, count: { n: number }): Received {
  if (typeof value === "string") return `${MARK}${count.n++}`;
  if (typeof value === "number") return 918_273_645_000 + count.n++;
  if (value instanceof InexactNumber) return new InexactNumber(`918273645${"0".repeat(400)}1`);
  if (Array.isArray(value)) return value.map((item) => marked(item as Received, count));
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(
    ([name, member]) => [name, marked(member as Received, count)] as const,
  );
  // A name that nobody expects may itself be a patient's.
  return object([...members, [`${MARK}-name-${count.n++}`, 918_273_645_000]]);
}

test("no value of a call, and no name that it made up, is in what is said about it", () => {
  const said = { allow: 0, deny: 0, undetermined: 0 };
  fc.assert(
    fc.property(pairs, lock, (pair, lock) => {
      const call = callOfPair(pair);
      const args = marked(call.args, { n: 0 }) as Call["args"];
      const explanation = explain(guarded(pair, lock), { ...call, args });
      const { decision } = explanation;
      said[decision.verdict]++;
      if (decision.undetermined !== undefined) said.undetermined++;
      const text = JSON.stringify(explanation);
      expect(text).not.toContain(MARK);
      expect(text).not.toContain("918273645");
    }),
    { numRuns: 1000 },
  );
  for (const count of Object.values(said)) expect(count).toBeGreaterThan(60);
});
