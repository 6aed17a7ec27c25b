/** Questions about one policy, all of them the one relation `find`. */
import { describe, expect, test } from "vitest";
import type { JsonObject, ReceivedObject } from "../../engine/json/value.ts";
import type { Condition, Entry, Path, Subject } from "../../engine/policy/ir.ts";
import { checkCertificate } from "../../engine/prove/certificate.ts";
import {
  type Answer,
  allowsAny,
  allowsSome,
  canBe,
  deniesAny,
  proveTool,
  violates,
} from "../../engine/prove/prove.ts";
import type { Side } from "../../engine/prove/rules.ts";
import { policyOf } from "../support/compile.ts";

function side(rules: object, more: Partial<Side> = {}): Side {
  const policy = policyOf({ version: "1", default: "deny", tools: { t: rules } });
  return { policy, target: { tool: "t" }, grant: "free", ...more };
}

/** An entry as the compiler makes it. */
function entry(condition: object): Entry {
  const { policy } = side({ require: [condition] });
  return policy!.tools.t!.require[0]!;
}

function condition(document: object): Condition {
  return entry(document).anyOf[0]![0]!;
}

function argsOf(answer: Answer): ReceivedObject {
  if (answer.answer !== "yes") throw new Error(`the answer is ${answer.answer}`);
  return answer.witness.args;
}

function isProved(answer: Answer): boolean {
  return answer.answer === "no" && checkCertificate(answer.certificate) === undefined;
}

describe("is anything allowed", () => {
  test("a policy that contradicts itself allows nothing", () => {
    const rules = {
      require: [
        { path: "args.a", op: "regex", value: "^x" },
        { path: "args.a", op: "not_in", value: ["x", "xy"] },
        { path: "args.a", op: "matches", value: "xy?" },
      ],
    };
    expect(isProved(allowsAny(side(rules)))).toBe(true);
  });

  test("a tool that is not listed, hidden, or of a policy that is absent", () => {
    const other = { target: { tool: "other" } };
    expect(isProved(allowsAny(side({}, other)))).toBe(true);
    expect(isProved(allowsAny({ target: { tool: "t" }, grant: "free" }))).toBe(true);
    const hidden = policyOf({ version: "1", default: "deny", hide: ["t"], tools: { t: {} } });
    expect(isProved(allowsAny(side({}, { policy: hidden })))).toBe(true);
  });

  test("default allow reaches only what is labelled free of patient data", () => {
    const policy = policyOf({ version: "1", default: "allow" });
    const label = {
      effect: "read",
      ephi: false,
      volume: "single",
      subject: "none",
      resultSubjects: [],
    } as const;
    expect(allowsAny(side({}, { policy, label })).answer).toBe("yes");
    expect(isProved(allowsAny(side({}, { policy, label: { ...label, ephi: true } })))).toBe(true);
    expect(isProved(allowsAny(side({}, { policy })))).toBe(true);
  });

  test("a limit on patients needs to know who they are", () => {
    const rules = { limits: [{ counter: "p", window: "hour", max: 1, distinct: "subject" }] };
    const label = { effect: "read", ephi: true, volume: "single", resultSubjects: [] } as const;
    expect(isProved(allowsAny(side(rules)))).toBe(true);
    expect(allowsAny(side(rules, { label: { ...label, subject: "none" } })).answer).toBe("yes");
    const named = side(rules, {
      label: { ...label, subject: [{ root: "args", steps: ["patient"] }] },
    });
    expect(allowsAny(named).answer).toBe("unknown");
    expect(argsOf(allowsAny(named, { confirm: () => true }))).toHaveProperty("patient");
  });

  test("patients that are read out of other arguments, or fewer of them, are other patients", () => {
    const label = { effect: "read", ephi: true, volume: "single", resultSubjects: [] } as const;
    const path = (name: string): Path => ({ root: "args", steps: [name] });
    const texts = ["a", "b"].map((name) => ({ path: `args.${name}`, op: "type", value: "string" }));
    const asked = (max: number, ...names: string[]) =>
      side(
        { require: texts, limits: [{ counter: "p", window: "hour", max, distinct: "subject" }] },
        { label: { ...label, subject: names.map(path) } },
      );
    const rows = [
      [asked(1, "a"), asked(1, "a"), "same"],
      [asked(1, "a"), asked(1, "b"), "unknown"],
      // Two texts are two patients, and there is room for one.
      [asked(1, "a", "b"), asked(1, "a"), "unknown"],
      [asked(1, "a"), asked(2, "a"), "unknown"],
    ] as const;
    for (const [base, head, verdict] of rows) expect(proveTool(base, head).verdict).toBe(verdict);
  });

  test("a limit on patients that hang on an argument allows the cases alone", () => {
    const limits = [{ counter: "p", window: "hour", max: 1, distinct: "subject" }];
    const label = { effect: "read", ephi: true, volume: "single", resultSubjects: [] } as const;
    const by: Path = { root: "args", steps: ["type"] };
    const patient: Path = { root: "args", steps: ["id"] };
    const asked = (op: string, cases: Record<string, Subject>) => {
      const require = [{ path: "args.type", op, value: op === "in" ? ["A", "B"] : "A" }];
      return side({ limits, require }, { label: { ...label, subject: { by, cases } } });
    };
    expect(argsOf(allowsAny(asked("in", { B: "none" })))).toEqual({ type: "B" });
    expect(isProved(allowsAny(asked("in", { B: "unknown", C: "none" })))).toBe(true);
    // No call of another type is one of which the patient is known.
    expect(isProved(allowsAny(asked("neq", { A: [patient] })))).toBe(true);
    expect(argsOf(allowsAny(asked("eq", { A: [patient] }), { confirm: () => true }))).toEqual({
      type: "A",
      id: expect.anything(),
    });
  });
});

describe("is everything allowed", () => {
  const schema = {
    type: "object",
    properties: { a: { enum: ["x", "y"] } },
    required: ["a"],
  } as JsonObject;

  test("what the schema says already denies nothing", () => {
    const rules = { require: [{ path: "args.a", op: "in", value: ["x", "y", "z"] }] };
    expect(isProved(deniesAny(side(rules, { schema })))).toBe(true);
  });

  test("what it does not say denies something", () => {
    const rules = { require: [{ path: "args.a", op: "eq", value: "x" }] };
    expect(argsOf(deniesAny(side(rules, { schema })))).toEqual({ a: "y" });
  });
});

describe("what a condition can be", () => {
  const schema = {
    type: "object",
    properties: { n: { type: "integer", minimum: 1 } },
    required: ["n"],
  } as JsonObject;

  test.each([
    [{ path: "args.n", op: "lt", value: 1 }, "true"],
    [{ path: "args.n", op: "gte", value: 1 }, "false"],
    [{ path: "args.n", op: "regex", value: "a" }, "true"],
    [{ path: "args.n", op: "regex", value: "a" }, "false"],
    [{ path: "args.n.x", op: "exists", value: false }, "true"],
    [{ path: "args.q", op: "matches", value: "a\\bb" }, "true"],
  ] as const)("%j is never %s", (document, truth) => {
    expect(isProved(canBe(truth, condition(document), side({}, { schema })))).toBe(true);
  });

  test.each([
    [{ path: "args.n", op: "lt", value: 1 }, "false", { n: 1 }],
    [{ path: "args.n", op: "gt", value: 1 }, "true", { n: 2 }],
    [{ path: "args.q", op: "exists", value: true }, "false", { n: 1 }],
  ] as const)("%j can be %s", (document, truth, args) => {
    expect(argsOf(canBe(truth, condition(document), side({}, { schema })))).toEqual(args);
  });
});

describe("invariants and bypasses", () => {
  const select = {
    require: [{ path: "args.sql", op: "regex", value: "(?i)^\\s*select\\b" }],
    deny_if: [{ path: "args.sql", op: "regex", value: "(?i)\\b(insert|update|delete|drop)\\s" }],
  };

  test("every allowed call names a text", () => {
    expect(
      isProved(violates(entry({ path: "args.sql", op: "type", value: "string" }), side(select))),
    ).toBe(true);
  });

  test("a comment in place of a blank slips past an expression", () => {
    const drop = entry({ path: "args.sql", op: "regex", value: "(?i)\\bdrop\\b.*\\btable\\b" });
    const sql = argsOf(allowsSome(drop, side(select))).sql as string;
    expect(sql).toMatch(/drop/i);
    expect(sql).not.toMatch(/drop\s/i);
  });

  test("a redundant entry may go", () => {
    const a = { path: "args.n", op: "lte", value: 5 };
    const b = { path: "args.n", op: "lte", value: 9 };
    expect(proveTool(side({ require: [a, b] }), side({ require: [a] })).verdict).toBe("same");
  });
});

describe("what stops the prover", () => {
  const from = (op: string, attribute: string) => ({
    path: "args.a",
    op,
    value_from: `grant.${attribute}`,
  });

  test("says which construct", () => {
    const verdict = proveTool(
      side({ require: [from("starts_with", "s")] }),
      side({ require: [from("contains", "s"), { path: "args.a", op: "type", value: "string" }] }),
    );
    expect(verdict).toMatchObject({ verdict: "unknown" });
    expect("why" in verdict && verdict.why).toMatch(
      /`(starts_with|contains)` with `value_from: grant\.s`/,
    );
  });

  test("lists of the grant that are compared in a circle", () => {
    const each = (path: string, attribute: string) => ({
      path,
      op: "in",
      value_from: attribute,
      quantifier: "all",
    });
    const circle = { require: [each("grant.a[*]", "grant.b"), each("grant.b[*]", "grant.a")] };
    const verdict = proveTool(
      side(circle),
      side({ require: [{ path: "args.x", op: "eq", value: 1 }, ...circle.require] }),
    );
    expect(verdict.verdict).toBe("unknown");
    const constants = { grant: { id: "g", a: ["x"], b: ["x", "y"] } };
    const closed = proveTool(side(circle, constants), side({}, constants));
    expect(closed.verdict).toBe("broader");
  });

  test("a text longer than a witness may be", () => {
    const rules = { require: [{ path: "args.a", op: "length_gt", value: 10_000_000 }] };
    expect(allowsAny(side(rules)).answer).toBe("unknown");
  });

  test("an expression with too many states, in a policy that was not loaded", () => {
    const { policy, ...rest } = side({ require: [{ path: "args.a", op: "regex", value: "a" }] });
    const text = JSON.stringify(policy).replace('"literal":"a"', '"literal":"(a|b)*a(a|b){14}"');
    const answer = allowsAny({ ...rest, policy: JSON.parse(text) as NonNullable<typeof policy> });
    expect(answer).toMatchObject({ answer: "unknown" });
    expect("why" in answer && answer.why).toContain("has too many states");
  });
});
