/** One decision: 200 tools × 5 conditions, against a hand-written closure and Cedar in WebAssembly. */
import { preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { TOOLS_CALL } from "../../engine/decide/call.ts";
import { type Decision, decide } from "../../engine/decide/decide.ts";
import { repositoryOf } from "../support/compile.ts";
import { compare, report } from "./measure.ts";

const TOOLS = 200;
const WARDS = ["north", "east", "south"];

const names = Array.from({ length: TOOLS }, (_, i) => `tool_${i}`);
const document = {
  version: "1",
  default: "deny",
  tools: Object.fromEntries(
    names.map((name, i) => [
      name,
      {
        require: [
          { path: "args.kind", op: "eq", value: `kind_${i}` },
          { path: "args.ward", op: "in", value: WARDS },
          { path: "args.limit", op: "lte", value: 50 + i },
          { path: "args.patient", op: "starts_with", value: "Patient/" },
        ],
        deny_if: [
          {
            conditions: [
              { path: "args.all", op: "exists", value: true },
              { path: "args.all", op: "eq", value: true },
            ],
          },
        ],
      },
    ]),
  ),
};
const argsOf = (i: number) => ({
  kind: `kind_${i}`,
  ward: WARDS[i % 3]!,
  limit: i % 100,
  patient: `Patient/p-${i}`,
});

type Args = Record<string, unknown>;

/** The rules alone, written out by hand: the floor. It answers with the rule's name and nothing else. */
function straightLine(): (tool: string, args: Args) => string {
  const wards = new Set(WARDS);
  const rules = new Map(
    names.map((name, i) => {
      const kind = `kind_${i}`;
      const max = 50 + i;
      return [
        name,
        (args: Args) => {
          if (args.kind !== kind) return `/tools/${name}/require/0`;
          if (typeof args.ward !== "string" || !wards.has(args.ward))
            return `/tools/${name}/require/1`;
          if (typeof args.limit !== "number" || args.limit > max) return `/tools/${name}/require/2`;
          if (typeof args.patient !== "string" || !args.patient.startsWith("Patient/"))
            return `/tools/${name}/require/3`;
          if (Object.hasOwn(args, "all") && args.all !== false) return `/tools/${name}/deny_if/0`;
          return "";
        },
      ];
    }),
  );
  return (tool, args) => rules.get(tool)?.(args) ?? "(default deny)";
}

/**
 * What an engineer would write by hand to answer the same question: one closure a condition, own
 * properties only, absent and mistyped values kept apart from false ones, and the same decision.
 */
function handWritten(digest: string): (tool: string, args: Args) => Decision {
  const own = (args: Args, name: string): unknown =>
    Object.hasOwn(args, name) ? args[name] : undefined;
  type Rule = { name: string; holds: (args: Args) => boolean };
  const wards = new Set(WARDS);
  const rules = new Map(
    names.map((name, i): [string, Rule[]] => [
      name,
      [
        { name: `/tools/${name}/require/0`, holds: (args) => own(args, "kind") === `kind_${i}` },
        {
          name: `/tools/${name}/require/1`,
          holds: (args) => wards.has(own(args, "ward") as string),
        },
        {
          name: `/tools/${name}/require/2`,
          holds: (args) => {
            const limit = own(args, "limit");
            return typeof limit === "number" && limit <= 50 + i;
          },
        },
        {
          name: `/tools/${name}/require/3`,
          holds: (args) => {
            const patient = own(args, "patient");
            return typeof patient === "string" && patient.startsWith("Patient/");
          },
        },
        {
          name: `/tools/${name}/deny_if/0`,
          holds: (args) => {
            const all = own(args, "all");
            return all === undefined || all === false;
          },
        },
      ],
    ]),
  );
  const decision = (rule: string): Decision => ({
    verdict: rule === "" ? "allow" : "deny",
    rule,
    reason: rule === "" ? "every rule holds" : `${rule} denies`,
    message: rule,
    policy: { name: "p", digest } as Decision["policy"],
    grant: null,
    ephi: true,
    effect: "execute",
    subjectArg: "unknown",
  });
  return (tool, args) => {
    const list = rules.get(tool);
    if (list === undefined) return decision("(default deny)");
    for (const { name, holds } of list) if (!holds(args)) return decision(name);
    return decision("");
  };
}

/** The same rules as one Cedar policy a tool. */
function cedarPolicy(name: string, i: number): string {
  return `permit(principal, action == Action::"${name}", resource) when {
    context has kind && context.kind == "kind_${i}" &&
    context has ward && ["north", "east", "south"].contains(context.ward) &&
    context has limit && context.limit <= ${50 + i} &&
    context has patient && context.patient like "Patient/*"
  };
  forbid(principal, action == Action::"${name}", resource) when { context has all && context.all == true };`;
}

export function benchDecide(): void {
  const repository = repositoryOf({ policies: { p: document } });
  const calls = names.map((tool, i) => ({
    policy: "p",
    method: TOOLS_CALL,
    tool,
    args: argsOf(i),
    at: 0,
  }));
  const byHand = handWritten(repository.policies.get("p")!.source.digest);
  const floor = straightLine();
  for (const name of names)
    preparsePolicySet(name, { staticPolicies: cedarPolicy(name, names.indexOf(name)) });
  const cedar = (i: number) =>
    statefulIsAuthorized({
      principal: { type: "User", id: "u" },
      action: { type: "Action", id: names[i]! },
      resource: { type: "Server", id: "s" },
      context: argsOf(i),
      preparsedPolicySetId: names[i]!,
      validateRequest: false,
      entities: [],
    } as never);
  // All three must say the same before their speed is worth anything.
  for (const [i, call] of calls.entries()) {
    const denied = { ...call, args: { ...call.args, all: true } };
    const answers = [
      decide(repository, call).decision.verdict,
      byHand(call.tool, call.args).verdict,
      verdict(cedar(i)),
    ];
    if (
      answers.join() !== "allow,allow,allow" ||
      decide(repository, denied).decision.verdict !== "deny"
    ) {
      throw new Error(`the contenders disagree about ${call.tool}: ${answers}`);
    }
  }
  const figures = compare([
    {
      name: "the rules alone, written out (verdict only)",
      run: (count) => {
        let last: unknown;
        for (let n = 0; n < count; n++)
          last = floor(calls[n % TOOLS]!.tool, calls[n % TOOLS]!.args);
        return last;
      },
    },
    {
      name: "hand-written closure",
      run: (count) => {
        let last: unknown;
        for (let n = 0; n < count; n++)
          last = byHand(calls[n % TOOLS]!.tool, calls[n % TOOLS]!.args);
        return last;
      },
    },
    {
      name: "decide",
      run: (count) => {
        let last: unknown;
        for (let n = 0; n < count; n++) last = decide(repository, calls[n % TOOLS]!);
        return last;
      },
    },
    {
      name: "cedar-wasm, one preparsed policy set a tool",
      run: (count) => {
        let last: unknown;
        for (let n = 0; n < count; n++) last = cedar(n % TOOLS);
        return last;
      },
    },
  ]);
  report("decide: 200 tools × 5 conditions, an allowed call", figures, "hand-written closure");
}

function verdict(answer: unknown): string {
  return (
    (answer as { response?: { decision?: string } }).response?.decision ?? JSON.stringify(answer)
  );
}
