/**
 * Tests of a policy that nobody wrote tests for: for every tool a call that is allowed, for every
 * entry a call that only this entry stops, for every limit the call that is one too many. They pin
 * what the policy says today, so that a later change shows; what it should say, a person adds.
 */
import { stringify } from "yaml";
import { provedSide } from "../compare/sides.ts";
import { TOOLS_CALL } from "../decide/call.ts";
import { decide } from "../decide/decide.ts";
import { prepare, type ReadyRepository } from "../decide/prepare.ts";
import { digestOf, type ReceivedObject } from "../json/value.ts";
import {
  type Entry,
  type Limit,
  type Policy,
  type RuleSet,
  SEMANTICS,
  type Server,
} from "../policy/ir.ts";
import { allowsAny, violates } from "../prove/prove.ts";
import type { Side } from "../prove/rules.ts";
import type { TestCase } from "../schema/types.ts";
import { formatPointer } from "../source.ts";

/** A limit that takes more calls than this to reach gets no test. */
const MAX_CALLS = 200;

export function firstTests(policy: Policy, { suite, description, server }: Suite): string {
  const asking = { policy, server, ready: alone(policy, server) };
  const cases = [
    ...Object.entries(policy.tools).flatMap(([tool, rules]) => casesOf(asking, tool, rules)),
    ...(policy.hide === "*" ? ["any_tool"] : policy.hide).map(
      (tool): TestCase => ({
        name: `${tool} is hidden`,
        call: { tool, args: {} },
        expect: { verdict: "deny", rule: "(hidden)" },
      }),
    ),
    ...(policy.hide === "*" ? [] : [unlisted(policy)]),
  ];
  const file = {
    version: "1",
    suite,
    description,
    defaults: { policy: policy.name, ...(server === undefined ? {} : { server: server.id }) },
    cases: numbered(cases),
  };
  return stringify(file, { lineWidth: 100, aliasDuplicateObjects: false });
}

export interface Suite {
  readonly suite: string;
  readonly description: string;
  /** The server whose pinned forms the calls have to have; absent: any call will do. */
  readonly server?: Server;
}

interface Asking {
  readonly policy: Policy;
  readonly server: Server | undefined;
  readonly ready: ReadyRepository;
}

function alone(policy: Policy, server: Server | undefined): ReadyRepository {
  const content = {
    semantics: SEMANTICS,
    requireBaa: false,
    policies: { [policy.name]: policy },
    servers: server === undefined ? {} : { [server.id]: server },
    grants: {},
  } as const;
  return prepare({ ...content, digest: digestOf(content) });
}

function casesOf(asking: Asking, tool: string, rules: RuleSet): TestCase[] {
  const { policy, server, ready } = asking;
  const about = { policy: policy.name, ...(server === undefined ? {} : { server: server.id }) };
  const judged = (args: ReceivedObject) =>
    decide(ready, { ...about, method: TOOLS_CALL, tool, args, at: 0 }).decision;
  const answer = allowsAny(sideOf(asking, policy, tool));
  if (answer.answer !== "yes" || judged(answer.witness.args).verdict !== "allow") return [];
  const { args } = answer.witness;
  const stopped = rules.require.flatMap((entry, index): TestCase[] => {
    const stops = stoppedBy(asking, tool, rules, entry);
    const rule = stops === undefined ? "" : judged(stops).rule;
    if (stops === undefined || rule === "") return [];
    const what = entry.name ?? `rule ${index}`;
    return [
      {
        name: `${tool}: ${what} denies`,
        call: call(tool, stops),
        expect: { verdict: "deny", rule },
      },
    ];
  });
  return [
    { name: `${tool} is allowed`, call: call(tool, args), expect: "allow" },
    ...stopped,
    ...tooMany(policy, tool, rules, args),
  ];
}

function call(tool: string, args: ReceivedObject): NonNullable<TestCase["call"]> {
  return { tool, args: args as NonNullable<TestCase["call"]>["args"] & object };
}

function sideOf({ server, ready }: Asking, policy: Policy, tool: string): Side {
  if (server === undefined) return { policy, target: { tool }, grant: {} };
  return provedSide({ repository: ready, policy, server }, { tool }, {});
}

/** A call that every other entry lets through. */
function stoppedBy(
  asking: Asking,
  tool: string,
  rules: RuleSet,
  entry: Entry,
): ReceivedObject | undefined {
  const others = rules.require.filter((other) => other !== entry);
  const without = { ...asking.policy, tools: { [tool]: { ...rules, require: others } } };
  const answer = violates(entry, sideOf(asking, without, tool));
  return answer.answer === "yes" ? answer.witness.args : undefined;
}

/** Only of the limit that is reached first, and where every limit counts calls. */
function tooMany(policy: Policy, tool: string, rules: RuleSet, args: ReceivedObject): TestCase[] {
  const all: [string, Limit][] = [
    ...rules.limits.map((limit, i): [string, Limit] => [
      formatPointer(["tools", tool, "limits", i]),
      limit,
    ]),
    ...policy.allTools.limits.map((limit, i): [string, Limit] => [
      formatPointer(["all_tools", "limits", i]),
      limit,
    ]),
  ];
  const countsCalls = all.every(
    ([, limit]) => limit.incrementFrom === undefined && limit.distinct === undefined,
  );
  const first = [...all].sort(([, a], [, b]) => a.max - b.max)[0];
  if (first === undefined || !countsCalls || first[1].max > MAX_CALLS) return [];
  const [rule, { max, counter }] = first;
  return [
    {
      name: `${tool}: one call more than ${counter} allows is denied`,
      sequence: { repeat: max + 1, every: "0s", call: call(tool, args) },
      expect: { allowed: max, last: { verdict: "deny", rule } },
    },
  ];
}

function unlisted(policy: Policy): TestCase {
  const taken = new Set(Object.keys(policy.tools));
  let tool = "a_tool_that_is_not_listed";
  while (taken.has(tool)) tool += "_";
  return {
    name: "a tool that is not listed is denied",
    call: { tool, args: {} },
    expect: { verdict: "deny", rule: "(default deny)" },
  };
}

/** Two rules may have one name; two cases may not. */
function numbered(cases: readonly TestCase[]): TestCase[] {
  const seen = new Map<string, number>();
  return cases.map((one) => {
    const count = (seen.get(one.name) ?? 0) + 1;
    seen.set(one.name, count);
    return count === 1 ? one : { ...one, name: `${one.name} (${count})` };
  });
}
