/**
 * No value and no key of a call's arguments is ever repeated: not in a decision, not in its
 * explanation, not in the error about a text that is no call. A log must not become a copy of the
 * charts that it guards.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCalls, readFixture } from "../../engine/calls/calls.ts";
import { type Call, TOOLS_CALL } from "../../engine/decide/call.ts";
import { decide } from "../../engine/decide/decide.ts";
import { explain } from "../../engine/decide/explain.ts";
import type { ReadyRepository } from "../../engine/decide/prepare.ts";
import { PhiwardError } from "../../engine/errors.ts";
import {
  InexactNumber,
  isObject,
  type Received,
  type ReceivedObject,
} from "../../engine/json/value.ts";
import type { PolicyDocument } from "../oracle/decide.ts";
import { TOOL_NAMES } from "../support/arbitrary.ts";
import { lockOfSchemas, repositoryOf } from "../support/compile.ts";
import { callOfPair, type Pair, pairs, partsOfPair } from "../support/pairs.ts";

/** Letters that stand in no policy, no schema and no sentence: one of them is a leak. */
const MARK = "ЖЩЪ";
const MARK_NUMBER = 771_377_137_713;
const LEAK = /[А-я]|\\u04|7713771|8832668/;

/** Marks what a call holds: texts and numbers, keys, and things that nobody asked for. */
function marked(value: Received, at: number): Received {
  if (typeof value === "string") return at % 3 === 0 ? `${value}${MARK}` : MARK;
  if (typeof value === "number") return at % 4 === 0 ? value : MARK_NUMBER;
  if (value instanceof InexactNumber) return new InexactNumber("88326688326688326688");
  if (Array.isArray(value)) return [...value.map((v, i) => marked(v, at + i)), MARK];
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([key, member], i): [string, Received] => [
    // Some names stay, so that the policy's paths still lead somewhere.
    (at + i) % 5 === 4 ? `${key}${MARK}` : key,
    marked(member as Received, at + i + 1),
  ]);
  return Object.fromEntries([...members, ...(at % 2 === 0 ? [[MARK, MARK] as const] : [])]);
}

const SCHEMAS: readonly object[] = [
  { type: "object" },
  { type: "object", properties: { a: {}, b: {} }, additionalProperties: false },
  {
    properties: {
      a: { type: "string", maxLength: 3 },
      b: { enum: [1, 5] },
      c: { uniqueItems: true, items: { type: "number" } },
    },
  },
  { properties: { a: { pattern: "^[ab]*$" }, b: { minimum: 0 } }, required: ["a"] },
  {
    propertyNames: { pattern: "^[a-c]" },
    additionalProperties: { $ref: "#/$defs/v" },
    $defs: { v: { not: { type: "string" } } },
  },
  { properties: { a: false } },
  { properties: { a: { pattern: "(?=x)" } } },
];

const LIMITS = [
  { counter: "calls", window: "hour", max: 1 },
  { counter: "sum", window: "day", max: 3, increment_from: "args.b" },
  { counter: "deep", window: "day", max: 3, increment_from: "args.a.b" },
  { counter: "patients", window: "minute", max: 1, distinct: "subject" },
];

interface Asked {
  readonly repository: ReadyRepository;
  readonly call: Call;
}

/** A random policy and a marked call, on a server that pins its tools in one case of two. */
const asked: fc.Arbitrary<Asked> = fc
  .record({
    pair: pairs,
    seed: fc.nat(60),
    schema: fc.constantFrom(...SCHEMAS),
    pinned: fc.boolean(),
    limit: fc.option(fc.constantFrom(...LIMITS), { nil: undefined }),
  })
  .map(({ pair, seed, schema, pinned, limit }) => {
    const limited = limit === undefined ? pair.policy : withLimit(pair.policy, limit);
    const parts = partsOfPair({ ...pair, policy: limited });
    const locks = {
      s1: lockOfSchemas(Object.fromEntries(TOOL_NAMES.map((name) => [name, schema]))),
    };
    const repository = repositoryOf(
      pinned && pair.server !== undefined ? { ...parts, locks } : parts,
    );
    const call = callOfPair(pair as Pair);
    return { repository, call: { ...call, args: marked(call.args, seed) as ReceivedObject } };
  });

function withLimit(policy: PolicyDocument, limit: object): PolicyDocument {
  const tools = Object.entries(policy.tools ?? {}).map(([name, rules]) => [
    name,
    { ...rules, limits: [limit] },
  ]);
  return { ...policy, tools: Object.fromEntries(tools) as NonNullable<PolicyDocument["tools"]> };
}

/** As text, since a leak may be cut, quoted or escaped; a policy's digest may hold any digits. */
function expectNoLeak(said: unknown): void {
  expect(JSON.stringify(said).replaceAll(/sha256:[0-9a-f]{64}/g, "")).not.toMatch(LEAK);
}

test("the mark would be seen wherever it were said", () => {
  for (const leak of [
    MARK,
    MARK.slice(1, 2),
    "\u0416".toLowerCase(),
    String(MARK_NUMBER).slice(0, 8),
  ])
    expect(() => expectNoLeak({ reason: [`x${leak}y`] })).toThrow();
  expect(() =>
    expectNoLeak({ reason: JSON.stringify(MARK).replace(/[А-я]/g, "\\u0416") }),
  ).toThrow();
});

describe("no argument's value or name is said", () => {
  test("in a decision, nor in its explanation", { timeout: 60_000 }, () => {
    const seen = {
      undetermined: 0,
      args: 0,
      schema: 0,
      limits: 0,
      entries: 0,
      paste: 0,
      marked: 0,
    };
    fc.assert(
      fc.property(asked, ({ repository, call }) => {
        if (JSON.stringify(call.args).includes(MARK)) seen.marked++;
        const { decision, charges } = decide(repository, call);
        expectNoLeak(decision);
        // A charge names the patients on purpose: it goes to the store, which pseudonymises them.
        expectNoLeak(charges.map((charge) => charge.key));
        const explained = explain(repository, call);
        expectNoLeak(explained);
        expect(explained.decision).toEqual(decision);
        if (decision.undetermined !== undefined) seen.undetermined++;
        if (decision.rule.endsWith("/args")) seen.args++;
        if (decision.rule === "(schema)") seen.schema++;
        if (decision.rule.includes("/limits/")) seen.limits++;
        if (/\/(require|deny_if)\//.test(decision.rule)) seen.entries++;
        if (explained.trace.some(({ paste }) => paste !== undefined)) seen.paste++;
      }),
      { numRuns: 1200 },
    );
    // Every kind of sentence was made often enough.
    for (const [kind, count] of Object.entries(seen))
      expect([kind, count > 8]).toEqual([kind, true]);
  });
});

describe("no value or name of a call is said in the error about its text", () => {
  const call = (args: unknown): string =>
    JSON.stringify({ grant: "g1", server: "s1", tool: "t1", args, at: "2026-10-01T12:00:00Z" });
  const fixture = (args: unknown): string =>
    JSON.stringify({
      v: 1,
      id: "f1",
      at: "2026-10-01T12:00:00Z",
      grant: "g1",
      server: "s1",
      tool: "t1",
      args,
    });

  /** What is thrown, in full: whatever of it may be printed. */
  const thrownBy = (run: () => unknown): PhiwardError | undefined => {
    try {
      run();
      return undefined;
    } catch (error) {
      if (!(error instanceof PhiwardError)) throw error;
      return error;
    }
  };
  const said = (error: PhiwardError): unknown => [
    error.code,
    error.message,
    error.help,
    error.place,
    error.findings,
    error.cause,
    String(error),
  ];

  test.each<[string, string]>([
    ["a key twice", `{"policy":"p","tool":"t","args":{"${MARK}":1,"${MARK}":2}}`],
    [
      "a key twice, but for its case",
      `{"policy":"p","tool":"t","args":{"${MARK}":1,"${MARK.toLowerCase()}":2}}`,
    ],
    ["an unclosed text", `{"policy":"p","tool":"t","args":{"a":"${MARK}}}`],
    ["a text without quotes", `{"policy":"p","tool":"t","args":{"a":${MARK}}}`],
    ["single quotes", `{"policy":"p","tool":"t","args":{'${MARK}':1}}`],
    ["an unknown escape", `{"policy":"p","tool":"t","args":{"a":"${MARK}\\x"}}`],
    ["half a pair", `{"policy":"p","tool":"t","args":{"${MARK}\\uD800":1}}`],
    ["a text after the end", `{"policy":"p","tool":"t"} ${MARK}`],
    ["arguments that are a text", `{"policy":"p","tool":"t","args":"${MARK}"}`],
    ["arguments that are a list", `{"policy":"p","tool":"t","args":["${MARK}"]}`],
    ["an argument in the wrong place", `{"policy":"p","tool":"t","${MARK}":"${MARK}"}`],
    ["a misspelled key with a value", `{"policy":"p","tool":"t","argz":{"${MARK}":"${MARK}"}}`],
    ["a time with a value", `{"policy":"p","tool":"t","at":"${MARK}"}`],
    ["no call at all", `"${MARK}"`],
    [
      "many lines, one of them broken",
      `{"policy":"p","tool":"t","args":{}}\n{"policy":"p","args":{"a":"${MARK}"}}`,
    ],
    ["neither grant nor policy", `{"server":"s","tool":"t","args":{"a":"${MARK}"}}`],
    [
      "a method and a tool",
      `{"policy":"p","method":"resources/read","tool":"t","args":{"a":"${MARK}"}}`,
    ],
  ])("%s", (_, text) => {
    const error = thrownBy(() => readCalls("call.json", text, 0));
    expect(error?.code).toBe("INVALID_INPUT");
    expectNoLeak(said(error!));
  });

  test("however the text is damaged", { timeout: 60_000 }, () => {
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(MARK, `${MARK}${MARK}`, MARK_NUMBER, null, true),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "args", "tool", MARK, `${MARK}a`), tie("any"), {
          maxKeys: 3,
        }),
      ),
    })).any;
    const args = fc.dictionary(fc.constantFrom("a", MARK, `a${MARK}`), value, { maxKeys: 4 });
    const damage = fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        cut: fc.nat(4),
        put: fc.constantFrom(
          "",
          "",
          '"',
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\\",
          "\n",
          "\\u12",
          MARK,
          "0",
          "x",
          "1e999",
          '"args":1,',
          `"${MARK}":1,`,
        ),
      }),
      { minLength: 1, maxLength: 3 },
    );
    let refused = 0;
    fc.assert(
      fc.property(args, damage, (given, edits) => {
        const damaged = (text: string): string =>
          edits.reduce((t, { at, cut, put }) => {
            // Within the arguments: a tool or a grant may be named, and a policy is asked for by name.
            const from = Math.max(t.indexOf('"args":') + 8, Math.floor(at * t.length));
            return t.slice(0, from) + put + t.slice(from + cut);
          }, text);
        const errors = [
          thrownBy(() => readCalls("call.json", damaged(call(given)), 0)),
          thrownBy(() => readFixture("fixtures/f.jsonl", 7, damaged(fixture(given)))),
          thrownBy(() => readCalls("call.json", `${call({})}\n${damaged(call(given))}`, 0)),
        ];
        for (const error of errors) {
          if (error === undefined) continue;
          refused++;
          expect(error.code).toBe("INVALID_INPUT");
          expectNoLeak(said(error));
          expect(error.place?.line).toBeGreaterThan(0);
        }
      }),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(2000);
  });

  test("a whole call is read, and holds what was sent", () => {
    const sent = { a: MARK, [MARK]: [MARK_NUMBER] };
    const [read] = readCalls("call.json", call(sent), 0);
    expect(read).toEqual({
      grant: "g1",
      server: "s1",
      method: TOOLS_CALL,
      tool: "t1",
      args: sent,
      at: Date.UTC(2026, 9, 1, 12),
    });
  });
});
