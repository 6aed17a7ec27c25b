/**
 * The laws over random pairs of repositories: a random one, and the same after a few edits, as
 * changes are. Calls near the constants of the policies try to refute what is not called broader.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TOOLS_CALL } from "../../engine/decide/call.ts";
import { decide } from "../../engine/decide/decide.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import type { Received, ReceivedObject } from "../../engine/json/value.ts";
import {
  callArguments,
  grantDocument,
  METHOD_NAMES,
  type Pair,
  pair,
  policyDocument,
  serverDocument,
  TOOL_NAMES,
} from "../support/arbitrary.ts";
import { broken } from "./laws.ts";
import { type Compared, compared, type RepositoryDocument } from "./repository.ts";

type Fields = Record<string, unknown>;
interface Documents {
  policy: Fields;
  grant: Fields;
  server: Fields;
  demand: boolean;
}

const DAY = 86_400_000;

/** One thing that a change may do. `n` picks where. */
type Edit = (of: Documents, other: Documents, n: number) => void;

function pick<T>(list: readonly T[], n: number): T | undefined {
  return list[n % Math.max(list.length, 1)];
}

function rulesOf(policy: Fields, n: number): Fields | undefined {
  const sections = ["tools", "methods"].flatMap((key) =>
    Object.values((policy[key] ?? {}) as Fields),
  );
  return pick(sections, n) as Fields | undefined;
}

function shift(day: unknown, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

const EDITS: Readonly<Record<string, Edit>> = {
  "an entry goes": ({ policy }, _, n) => {
    const rules = rulesOf(policy, n);
    const list = pick(
      ["require", "deny_if"].filter((key) => rules?.[key] !== undefined),
      n >> 3,
    );
    if (list !== undefined) (rules![list] as unknown[]).splice(0, 1);
  },
  "an entry comes": ({ policy }, other, n) => {
    const rules = rulesOf(policy, n);
    const from = rulesOf(other.policy, n >> 2);
    const list = pick(
      ["require", "deny_if"].filter((key) => from?.[key] !== undefined),
      n >> 4,
    );
    if (rules !== undefined && list !== undefined)
      rules[list] = [...((rules[list] as unknown[]) ?? []), (from![list] as unknown[])[0]];
  },
  "an alternative goes": ({ policy }, _, n) => {
    const rules = rulesOf(policy, n);
    const entries = [rules?.require, rules?.deny_if].flat() as (Fields | undefined)[];
    const groups = entries.find((entry) => (entry?.any_of as unknown[])?.length > 1);
    (groups?.any_of as unknown[] | undefined)?.pop();
  },
  "an argument more": ({ policy }, _, n) => {
    const rules = rulesOf(policy, n);
    if (rules?.args !== undefined) rules.args = [...new Set([...(rules.args as string[]), "d"])];
  },
  "any argument": ({ policy }, _, n) => {
    delete rulesOf(policy, n)?.args;
  },
  "a condition turns": ({ policy }, _, n) => {
    const rules = rulesOf(policy, n);
    const entry = (rules?.require as Fields[] | undefined)?.[0];
    const condition =
      (entry?.conditions as Fields[])?.[0] ?? (entry?.any_of as Fields[][])?.[0]?.[0] ?? entry;
    if (condition !== undefined) condition.not = condition.not !== true;
  },
  "a tool goes": ({ policy }, _, n) => {
    const tools = (policy.tools ?? {}) as Fields;
    delete tools[pick(Object.keys(tools), n) ?? ""];
  },
  "the rules of another": ({ policy }, other, n) => {
    policy.tools = {
      ...(policy.tools as Fields),
      t1: structuredClone(rulesOf(other.policy, n) ?? {}),
    };
  },
  "a limit": ({ policy }, _, n) => {
    const rules = rulesOf(policy, n);
    if (rules === undefined) return;
    const kinds = [{}, {}, { increment_from: "args.b" }, { distinct: "subject" }];
    const limit = {
      counter: "c",
      window: pick(["hour", "day"], n >> 6),
      max: 1 + ((n >> 3) % 4),
      ...pick(kinds, n >> 8),
    };
    if (n % 5 === 0) delete rules.limits;
    else rules.limits = [limit];
  },
  "another default": ({ policy }) => {
    policy.default = policy.default === "deny" ? "allow" : "deny";
  },
  "something hidden": ({ policy }, _, n) => {
    if (n % 3 === 0) delete policy.hide;
    else policy.hide = [pick(TOOL_NAMES, n)];
  },
  "other constants": ({ grant }, other) => {
    if (other.grant.attributes !== undefined) grant.attributes = other.grant.attributes;
  },
  "another purpose": ({ grant }, other) => {
    grant.purpose = other.grant.purpose;
  },
  "another end": ({ grant }, _, n) => {
    const days = Math.round((Date.parse(`${grant.expires}`) - Date.parse(`${grant.issued}`)) / DAY);
    grant.expires = shift(grant.issued, Math.min(366, Math.max(1, days + (n % 41) - 20)));
  },
  "another begin": ({ grant }, _, n) => {
    const days = Math.round((Date.parse(`${grant.expires}`) - Date.parse(`${grant.issued}`)) / DAY);
    const back = n % Math.max(1, Math.min(30, 366 - days));
    grant.issued = shift(grant.issued, -back);
  },
  "other labels": ({ server }, other) => {
    server.tools = other.server.tools;
  },
  "another agreement": ({ server }, _, n) => {
    const expires = shift("2026-02-01", (n % 200) - 20);
    server.vendor = {
      name: "Example EHR Inc.",
      baa: { status: pick(["signed", "none"], n), signed: "2026-01-01", expires },
    };
  },
  "an agreement is demanded, or not": (of) => {
    of.demand = !of.demand;
  },
};

function documentOf({ policy, grant, server, demand }: Documents): RepositoryDocument {
  return {
    project: { version: "1", requireBaa: demand },
    policies: { p1: policy },
    grants: { "bot-1": grant },
    servers: { s1: server },
  };
}

interface Change {
  readonly base: Documents;
  readonly head: Documents;
  readonly args: readonly ReceivedObject[];
  readonly edits: readonly string[];
}

const change: fc.Arbitrary<Change> = fc
  .tuple(
    pair,
    pair,
    grantDocument,
    serverDocument,
    policyDocument,
    fc.boolean(),
    fc.array(fc.tuple(fc.constantFrom(...Object.keys(EDITS)), fc.nat(1 << 16)), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.array(callArguments, { maxLength: 3 }),
  )
  .map(([one, two, grant, server, policy, demand, edits, more]) => {
    const documents = (from: Pair): Documents =>
      structuredClone({
        policy: from.policy ?? policy,
        grant: from.grant ?? grant,
        server: from.server ?? server,
        demand,
      }) as unknown as Documents;
    const base = documents(one);
    const head = structuredClone(base);
    for (const [name, n] of edits) EDITS[name]!(head, documents(two), n);
    const args = [one.call.args, two.call.args, ...more] as (ReceivedObject | undefined)[];
    return {
      base,
      head,
      args: args.flatMap((a) => (a === undefined ? [] : nearby(a))),
      edits: edits.map(([name]) => name),
    };
  });

/** The arguments, and what they are without one of them, or with one of them otherwise. */
function nearby(args: ReceivedObject): ReceivedObject[] {
  return [
    args,
    ...Object.keys(args).flatMap((name) => {
      const { [name]: value, ...rest } = args;
      return [rest, ...near(value!).map((other) => ({ ...args, [name]: other }))];
    }),
    { ...args, d: 1 },
  ];
}

function near(value: Received): Received[] {
  if (typeof value === "number") return [value + 1, value - 1];
  if (typeof value === "string") return [`${value}a`, value.slice(1), value.toUpperCase()];
  if (Array.isArray(value)) return [[], value.slice(1)];
  return [null];
}

/** Calls that head allows and base denies, of a target that is not said to be wider. */
function refutations({ base, head, diff }: Compared, args: readonly ReceivedObject[]): string[] {
  const wide = diff.changes.filter(
    ({ verdict, by }) => by === "proof" && (verdict === "broader" || verdict === "unknown"),
  );
  if (wide.some(({ kind }) => kind === "expiry")) return [];
  const excused = new Set(wide.map(({ method, tool }) => `${method} ${tool}`));
  const [before, after] = [prepare(base.repository), prepare(head.repository)];
  const { issued, expires } = head.repository.grants["bot-1"]!;
  const targets = [
    ...TOOL_NAMES.map((tool) => ({ method: TOOLS_CALL, tool: tool as string })),
    ...METHOD_NAMES.map((method) => ({ method: method as string, tool: "" })),
  ];
  const found: string[] = [];
  for (const target of targets) {
    if (excused.has(`${target.method} ${target.tool}`)) continue;
    for (const each of args) {
      for (const at of [issued, expires - 1, Math.floor((issued + expires) / 2)]) {
        const call = { grant: "bot-1", server: "s1", ...target, args: each, at };
        const said = [before, after].map((side) => decide(side, call).decision.verdict);
        if (said[0] === "deny" && said[1] === "allow")
          found.push(
            `refuted by ${target.method} ${target.tool} ${JSON.stringify(each)} at ${new Date(at).toISOString()}`,
          );
        if (said[0] !== said[1] && diff.verdict === "same")
          found.push(`not the same: ${target.method} ${target.tool} ${JSON.stringify(each)}`);
      }
    }
  }
  return found;
}

describe("random changes", () => {
  test("keep the laws, and no call refutes what is said of them", async () => {
    const verdicts: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(change, async ({ base, head, args }) => {
        const result = await compared(documentOf(base), documentOf(head));
        verdicts[result.diff.verdict] = (verdicts[result.diff.verdict] ?? 0) + 1;
        expect(broken(result)).toEqual([]);
        expect(refutations(result, args)).toEqual([]);
      }),
      { numRuns: Number(process.env.RUNS ?? 150) },
    );
    // The properties say something only where every verdict occurs.
    for (const verdict of ["same", "narrower", "broader"])
      expect(verdicts[verdict] ?? 0).toBeGreaterThan(5);
  });
});
