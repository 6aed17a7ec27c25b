/**
 * The decision: one call, and the first rule that denies it.
 *
 * Pure, total and deterministic. Time, quotas and everything else that changes come in as values,
 * and no JSON makes it throw. What cannot be judged denies:
 *
 *     allowed(call)  ⇔  no step of the order below denies it
 *     a `require` entry denies unless it is true
 *     a `deny_if` entry denies unless it is false
 *
 * The order is the one that the policy language names; the tests, the prover's replay and the
 * gateway all go through `decide`, so there is one meaning.
 */
import type { Digest, ReceivedObject } from "../json/value.ts";
import type { Effect, Label } from "../policy/ir.ts";
import { WORST_LABEL } from "../policy/ir.ts";
import { type Charge, fits, limitKey, UNUSED, type Usage } from "../quota/quota.ts";
import { describeCondition, type Facts, type Undetermined, whyUndetermined } from "./condition.ts";
import { effectOf, ephiOf, subjectsOf, subjectText } from "./label.ts";
import type {
  ReadyEntry,
  ReadyGrant,
  ReadyLimit,
  ReadyPolicy,
  ReadyRepository,
  ReadyRules,
  ReadyServer,
} from "./prepare.ts";
import { and, or, type Truth } from "./truth.ts";
import { walk } from "./value.ts";

/** The method of a tool call; every other one is judged by a policy's `methods`. */
export const TOOLS_CALL = "tools/call";

/** One call: of a grant on a server, or of one policy alone (then `server` only lends its labels). */
export interface Call {
  readonly grant?: string;
  readonly policy?: string;
  readonly server?: string;
  readonly method: string;
  /** Empty for a method that is not a tool call. */
  readonly tool: string;
  readonly args: ReceivedObject;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What is true at the time of the call and stands in no file. */
export interface Circumstances {
  readonly usage: Usage;
  /** Grants that were revoked. */
  readonly revoked?: ReadonlySet<string>;
  /** Break-glass grants that are open; absent: all are judged as if open. */
  readonly opened?: ReadonlySet<string>;
  /** An emergency stop is in force. */
  readonly halted?: boolean;
  /** The policy in force is older than it may be. */
  readonly stale?: boolean;
  /** Tools whose live definition differs from the pin, as `server/tool`. */
  readonly drifted?: ReadonlySet<string>;
}

/** How a call is judged by itself: nothing used, nothing revoked, break-glass open. */
export const BY_ITSELF: Circumstances = { usage: UNUSED };

export interface Decision {
  readonly verdict: "allow" | "deny";
  /** The rule that decided, as the language names it; "" for an allowed call. */
  readonly rule: string;
  /** For the log. Never holds an argument's value. */
  readonly reason: string;
  /** For the agent; empty for an allowed call. Never holds an argument's value. */
  readonly message: string;
  readonly policy: { readonly name: string; readonly digest: Digest } | null;
  readonly grant: string | null;
  readonly ephi: boolean;
  readonly effect: Effect;
  /** The argument or arguments that name the patient, as the catalogue says. */
  readonly subjectArg: string | readonly string[];
  readonly undetermined?: Undetermined;
}

export interface Judgement {
  readonly decision: Decision;
  /** What an allowed call takes from its limits, all together; empty for a denied one. */
  readonly charges: readonly Charge[];
}

/** Hears of every step, for `explain`. */
export interface Tracer {
  step(rule: string, outcome: "passed" | "denied", says: string): void;
  entry(entry: ReadyEntry, kind: "require" | "deny_if", truth: Truth, facts: Facts): void;
}

interface Denial {
  readonly rule: string;
  readonly reason: string;
  readonly onDeny?: string | undefined;
  readonly undetermined?: Undetermined | undefined;
}

/** The agent must not learn from a denial whether an ungranted tool exists. */
const NOT_GRANTED = "(not granted)";
const SECRET: ReadonlySet<string> = new Set([
  "(unknown server)",
  "(no policy)",
  "(hidden)",
  "(default deny)",
  "(quarantined)",
]);

export function decide(
  repository: ReadyRepository,
  call: Call,
  circumstances: Circumstances = BY_ITSELF,
  tracer?: Tracer,
): Judgement {
  const grant = call.grant === undefined ? undefined : repository.grants.get(call.grant);
  const server = call.server === undefined ? undefined : repository.servers.get(call.server);
  const label = labelOf(server, call);
  const policyName =
    call.policy ?? (call.server === undefined ? undefined : grant?.source.access[call.server]);
  const policy = policyName === undefined ? undefined : repository.policies.get(policyName);
  const charges: Charge[] = [];
  const asked: Asked = { repository, call, circumstances, grant, server, label, policy, tracer };

  const denial =
    call.policy === undefined
      ? (admission(asked) ?? ruling(asked, charges))
      : ruling(asked, charges);

  return {
    charges: denial === undefined ? charges : [],
    decision: {
      verdict: denial === undefined ? "allow" : "deny",
      rule: denial?.rule ?? "",
      reason: denial?.reason ?? `every rule of policy \`${policy!.source.name}\` allows it`,
      message:
        denial === undefined
          ? ""
          : SECRET.has(denial.rule)
            ? NOT_GRANTED
            : (denial.onDeny ?? denial.reason),
      policy:
        policy === undefined ? null : { name: policy.source.name, digest: policy.source.digest },
      grant: grant?.source.id ?? null,
      ephi: ephiOf(label, call.args),
      effect: effectOf(label, call.args),
      subjectArg: subjectText(label),
      ...(denial?.undetermined === undefined ? {} : { undetermined: denial.undetermined }),
    },
  };
}

interface Asked {
  readonly repository: ReadyRepository;
  readonly call: Call;
  readonly circumstances: Circumstances;
  readonly grant: ReadyGrant | undefined;
  readonly server: ReadyServer | undefined;
  readonly label: Label;
  readonly policy: ReadyPolicy | undefined;
  readonly tracer: Tracer | undefined;
}

function labelOf(server: ReadyServer | undefined, call: Call): Label {
  const labels = call.method === TOOLS_CALL ? server?.source.tools : server?.source.methods;
  const name = call.method === TOOLS_CALL ? call.tool : call.method;
  return labels !== undefined && Object.hasOwn(labels, name) ? labels[name]! : WORST_LABEL;
}

/** Whether this grant may come in at all: who, when, and to which server. */
function admission(asked: Asked): Denial | undefined {
  const { repository, call, circumstances, grant, server, label, tracer } = asked;
  const deny = (rule: string, reason: string): Denial => {
    tracer?.step(rule, "denied", reason);
    return { rule, reason };
  };
  if (grant === undefined) return deny("(no grant)", "no such grant");
  const { expires, issued, breakGlass, id } = grant.source;
  if (call.at >= expires) return deny("(expired)", `the grant expired on ${day(expires)}`);
  if (call.at < issued) return deny("(not yet valid)", `the grant is valid from ${day(issued)}`);
  if (circumstances.revoked?.has(id)) return deny("(revoked)", "the grant was revoked");
  if (breakGlass !== undefined && circumstances.opened?.has(id) === false) {
    return deny("(dormant)", "this emergency-access grant is not open");
  }
  tracer?.step(
    "(no grant)",
    "passed",
    `the grant is valid from ${day(issued)} until ${day(expires)}`,
  );
  if (breakGlass !== undefined && circumstances.opened === undefined) {
    tracer?.step("(dormant)", "passed", "break-glass: judged as if open");
  }
  const ephi = ephiOf(label, call.args);
  if (circumstances.halted) return deny("(halted)", "an emergency stop is in force");
  // Policy that is too old must not go on deciding about patient data (freeze attack).
  if (circumstances.stale && ephi)
    return deny("(stale)", "the policy in force is older than it may be");
  if (server === undefined) return deny("(unknown server)", "the server is not in the registry");
  if (repository.source.requireBaa && ephi) {
    const { status, signed, expires: ends } = server.source.baa;
    const inForce =
      status === "signed" && (signed ?? -Infinity) <= call.at && call.at < (ends ?? Infinity);
    if (!inForce && status !== "not_required") {
      return deny("(no baa)", "the server has no business associate agreement in force");
    }
    tracer?.step(
      "(no baa)",
      "passed",
      "a business associate agreement is in force, or none is required",
    );
  }
  return undefined;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Whether the policy allows the call: its tool, its arguments, and how often. */
function ruling(asked: Asked, charges: Charge[]): Denial | undefined {
  const { call, policy, tracer } = asked;
  if (policy === undefined) {
    const reason =
      call.policy === undefined ? "the grant has no policy for this server" : "no such policy";
    tracer?.step("(no policy)", "denied", reason);
    return { rule: "(no policy)", reason };
  }
  tracer?.step("(no policy)", "passed", `policy \`${policy.source.name}\` decides`);
  if (call.method !== TOOLS_CALL) {
    const rules = policy.methods.get(call.method);
    if (rules === undefined) {
      const reason = "the policy does not list this method";
      tracer?.step("(method)", "denied", reason);
      return { rule: "(method)", reason };
    }
    tracer?.step("(method)", "passed", "the policy lists this method");
    return judgeRules(asked, [rules], charges);
  }
  const rules = policy.tools.get(call.tool);
  const denial = reach(asked, policy, rules) ?? pins(asked);
  if (denial !== undefined) {
    tracer?.step(denial.rule, "denied", denial.reason);
    return denial;
  }
  return judgeRules(
    asked,
    rules === undefined ? [policy.allTools] : [rules, policy.allTools],
    charges,
  );
}

/** Whether the policy reaches the tool. */
function reach(
  asked: Asked,
  policy: ReadyPolicy,
  rules: ReadyRules | undefined,
): Denial | undefined {
  const { call, label, tracer } = asked;
  if (policy.hidden(call.tool)) return { rule: "(hidden)", reason: "the policy hides this tool" };
  if (rules !== undefined) {
    tracer?.step("(default deny)", "passed", "the policy lists this tool");
    return undefined;
  }
  if (policy.source.default === "deny")
    return { rule: "(default deny)", reason: "the policy does not list this tool" };
  // A label that depends on an argument is no promise that the tool is harmless.
  if (label.ephi !== false) {
    return {
      rule: "(default deny)",
      reason: "`default: allow` reaches only tools that are labelled `ephi: false`",
    };
  }
  tracer?.step(
    "(default deny)",
    "passed",
    "`default: allow`, and the tool is labelled `ephi: false`",
  );
  return undefined;
}

/** Whether the tool is the one that was reviewed, and the arguments are of its form. */
function pins({ call, circumstances, server, tracer }: Asked): Denial | undefined {
  if (server?.source.lock === undefined) return undefined;
  const pinned = server.pinned(call.tool);
  if (pinned === undefined)
    return { rule: "(quarantined)", reason: "the tool is not pinned in the server's lock" };
  if (circumstances.drifted?.has(`${server.source.id}/${call.tool}`)) {
    // A server that changes a tool after its review ("rug pull").
    return { rule: "(quarantined)", reason: "the tool's live definition differs from its pin" };
  }
  if ("problem" in pinned)
    return {
      rule: "(quarantined)",
      reason: `the tool's pinned schema cannot be used: ${pinned.problem}`,
    };
  const problem = pinned.schema.check(call.args);
  if (problem !== undefined) {
    return {
      rule: "(schema)",
      reason: `the arguments do not satisfy the tool's pinned schema: ${problem}`,
    };
  }
  tracer?.step("(schema)", "passed", "the arguments satisfy the tool's pinned schema");
  return undefined;
}

function judgeRules(
  asked: Asked,
  ruleSets: readonly ReadyRules[],
  charges: Charge[],
): Denial | undefined {
  const { call, grant } = asked;
  const facts: Facts = { args: call.args, grant: grant?.facts ?? {} };
  for (const rules of ruleSets) {
    const denial = judgeArgs(asked, rules) ?? judgeEntries(asked, rules, facts);
    if (denial !== undefined) return denial;
  }
  for (const rules of ruleSets) {
    for (const limit of rules.limits) {
      const result = judgeLimit(asked, limit);
      if ("rule" in result) {
        asked.tracer?.step(result.rule, "denied", result.reason);
        return { ...result, onDeny: rules.source.onDeny };
      }
      asked.tracer?.step(limit.pointer, "passed", "there is room within the limit");
      charges.push(result);
    }
  }
  return undefined;
}

function judgeArgs({ call, server, tracer }: Asked, rules: ReadyRules): Denial | undefined {
  if (rules.args === undefined) return undefined;
  const rule = `${rules.pointer}/args`;
  const others = Object.keys(call.args).filter((name) => !rules.args!.has(name));
  if (others.length === 0) {
    tracer?.step(rule, "passed", "only granted arguments are present");
    return undefined;
  }
  // A name that the sender made up may be a patient's: only names of the pinned schema are said.
  const known = schemaProperties(server, call.tool);
  const said = others.filter((name) => known.has(name)).map((name) => `\`${name}\``);
  if (said.length < others.length)
    said.push(`${others.length - said.length} that the tool does not describe`);
  const reason = `arguments that the policy does not grant: ${said.join(", ")}`;
  tracer?.step(rule, "denied", reason);
  return { rule, reason, onDeny: rules.source.onDeny };
}

function schemaProperties(server: ReadyServer | undefined, tool: string): ReadonlySet<string> {
  const pins = server?.source.lock?.tools ?? {};
  if (!Object.hasOwn(pins, tool)) return new Set();
  const found = walk(pins[tool]!.definition, ["inputSchema", "properties"]);
  return new Set(typeof found === "object" && found !== null ? Object.keys(found) : []);
}

/** OR of ANDs. */
function judgeEntry(entry: ReadyEntry, facts: Facts): Truth {
  return or(entry.groups, (group) => and(group, (condition) => condition.judge(facts)));
}

function judgeEntries({ tracer }: Asked, rules: ReadyRules, facts: Facts): Denial | undefined {
  for (const entry of rules.require) {
    const truth = judgeEntry(entry, facts);
    tracer?.entry(entry, "require", truth, facts);
    if (truth !== "true") return entryDenial(entry, "require", truth, facts, rules);
  }
  for (const entry of rules.denyIf) {
    const truth = judgeEntry(entry, facts);
    tracer?.entry(entry, "deny_if", truth, facts);
    if (truth !== "false") return entryDenial(entry, "deny_if", truth, facts, rules);
  }
  return undefined;
}

function entryDenial(
  entry: ReadyEntry,
  kind: "require" | "deny_if",
  truth: Truth,
  facts: Facts,
  rules: ReadyRules,
): Denial {
  const { reason, undetermined } = entryReason(entry, kind, truth, facts);
  return {
    rule: entry.pointer,
    reason,
    undetermined,
    onDeny: entry.source.onDeny ?? rules.source.onDeny,
  };
}

/** Why an entry came out as it did, in words of the policy. */
export function entryReason(
  entry: ReadyEntry,
  kind: "require" | "deny_if",
  truth: Truth,
  facts: Facts,
): { reason: string; undetermined?: Undetermined } {
  const name = entry.source.name ?? entry.pointer.split("/").slice(-2).join("/");
  if (truth === "undetermined") {
    const undetermined = whyUndetermined(firstUndetermined(entry, facts), facts);
    const so = kind === "require" ? `${name} does not hold` : `${name} cannot be ruled out`;
    return { reason: `\`${undetermined.path}\` is ${undetermined.why}, so ${so}`, undetermined };
  }
  const groups = entry.groups;
  const wanted: Truth = truth;
  if (truth === "false" && groups.length > 1)
    return { reason: `${name}: none of its ${groups.length} alternatives holds` };
  const group =
    groups.find((conditions) => and(conditions, (c) => c.judge(facts)) === wanted) ?? groups[0]!;
  const shown =
    truth === "true"
      ? group
      : group.filter((condition) => condition.judge(facts) === "false").slice(0, 1);
  const text = shown.map(({ source }) => `\`${describeCondition(source)}\``).join(" and ");
  const verb = shown.length > 1 ? "hold" : "holds";
  return {
    reason: truth === "true" ? `${name}: ${text} ${verb}` : `${name}: ${text} does not hold`,
  };
}

/** The condition that leaves an undetermined entry open: in a group that no condition makes false. */
export function firstUndetermined(
  entry: ReadyEntry,
  facts: Facts,
): ReadyEntry["groups"][number][number]["source"] {
  const open = entry.groups.find(
    (group) => and(group, (condition) => condition.judge(facts)) === "undetermined",
  )!;
  return open.find((condition) => condition.judge(facts) === "undetermined")!.source;
}

function judgeLimit(asked: Asked, { source, pointer, tool }: ReadyLimit): Charge | Denial {
  const { call, circumstances, grant, label } = asked;
  const key = limitKey(
    source,
    {
      server: call.server ?? "",
      tool,
      grant: grant?.source.id ?? "",
      principal: grant?.source.principal.id ?? "",
    },
    call.at,
  );
  const deny = (reason: string): Denial => ({ rule: pointer, reason });
  let charge: Charge;
  if (source.distinct === "subject") {
    const subjects = subjectsOf(label, call.args);
    if (subjects === undefined)
      return deny(`limit \`${source.counter}\` counts patients, and the call does not say which`);
    charge = { key, subjects };
  } else if (source.incrementFrom !== undefined) {
    const found = walk(call.args, source.incrementFrom.steps);
    // A negative amount would give quota back.
    if (!Number.isSafeInteger(found) || (found as number) < 0) {
      return deny(
        `limit \`${source.counter}\` counts an argument that is not a whole number of 0 or more`,
      );
    }
    charge = { key, amount: found as number };
  } else charge = { key, amount: 1 };
  if ("amount" in charge && !Number.isSafeInteger(circumstances.usage.used(key) + charge.amount)) {
    return deny(`limit \`${source.counter}\` would count beyond what can be counted`);
  }
  if (fits(source, charge, circumstances.usage)) return charge;
  return deny(
    `limit \`${source.counter}\`: at most ${source.max} ${unit(source.distinct, source.incrementFrom !== undefined)} a ${source.window}`,
  );
}

function unit(distinct: string | undefined, sum: boolean): string {
  return distinct !== undefined ? "different patients" : sum ? "in total" : "calls";
}
