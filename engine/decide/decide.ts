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
 * In monitor mode a denial by the policy's rules is only watched, where the call concerns no patient
 * data: the call is allowed, and says which rule would have denied it. Who may come in, which tools
 * were reviewed and the form of their arguments are never only watched.
 *
 * The order is the one that the policy language names. Tests, explanations and simulations all go
 * through `decide`, so there is one meaning.
 */
import type { ReceivedObject } from "../json/value.ts";
import type { Effect } from "../policy/ir.ts";
import { type Charge, UNUSED, type Usage } from "../quota/quota.ts";
import { type Call, TOOLS_CALL } from "./call.ts";
import type { Facts, Undetermined } from "./condition.ts";
import { effectOf, ephiOf, pick } from "./label.ts";
import { judgeLimit } from "./limit.ts";
import {
  type PolicyIdentity,
  prepareLabel,
  type ReadyEntry,
  type ReadyGrant,
  type ReadyLabel,
  type ReadyPolicy,
  type ReadyRepository,
  type ReadyRules,
  type ReadyServer,
  WORST,
} from "./prepare.ts";
import { type EntryKind, entryReason } from "./reason.ts";
import type { Truth } from "./truth.ts";

/** What emergency stops deny, all of them together. */
export interface Halted {
  readonly all: boolean;
  /** Without a server: on every one. */
  readonly tools: readonly { readonly server?: string; readonly tool: string }[];
  readonly grants: ReadonlySet<string>;
}

/** What is true at the time of the call and stands in no file. */
export interface Circumstances {
  readonly usage: Usage;
  /** Grants that were revoked. */
  readonly revoked?: ReadonlySet<string>;
  /** Break-glass grants that are open; absent: all are judged as if open. */
  readonly opened?: { has(grant: string): boolean };
  /** An emergency stop is in force. */
  readonly halted?: Halted;
  /** The policy in force is older than it may be. */
  readonly stale?: boolean;
  /** The clock of this machine went back by more than a minute: it is wrong now, or was before. */
  readonly clockBehind?: boolean;
  /**
   * Which denials monitor mode lets pass: `all`, on a development gateway, where no data is anybody's;
   * `none`, where the question is what the rules say. Absent: those of calls without patient data.
   */
  readonly monitor?: "all" | "none";
  /** Whether a tool's live definition differs from its pin, or was never compared; by `server/tool`. */
  readonly drifted?: { has(key: string): boolean };
}

/** How a call is judged by itself: nothing used, nothing revoked, break-glass open. */
export const BY_ITSELF: Circumstances = { usage: UNUSED };

/** The same, by the rules alone: as if every server and grant enforced them. */
export const AS_ENFORCED: Circumstances = { usage: UNUSED, monitor: "none" };

export interface Decision {
  readonly verdict: "allow" | "deny";
  /** The rule that decided, as the language names it; "" for a call that every rule allows. */
  readonly rule: string;
  /** Monitor mode let the call pass that `rule` would have denied. */
  readonly monitored?: true;
  /** For the log. Never holds an argument's value. */
  readonly reason: string;
  /** For the agent; empty for an allowed call. Never holds an argument's value. */
  readonly message: string;
  readonly policy: PolicyIdentity | null;
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
  entry(entry: ReadyEntry, kind: EntryKind, truth: Truth, facts: Facts): void;
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
const NO_CHARGES: readonly Charge[] = [];
const NO_GRANT: ReceivedObject = {};
const HARMLESS: ReadyLabel = prepareLabel({
  effect: "read",
  ephi: false,
  volume: "single",
  subject: "none",
  resultSubjects: [],
});

export function decide(
  repository: ReadyRepository,
  call: Call,
  circumstances: Circumstances = BY_ITSELF,
  tracer?: Tracer,
): Judgement {
  const grant = call.grant === undefined ? undefined : repository.grants.get(call.grant);
  const server = call.server === undefined ? undefined : repository.servers.get(call.server);
  const policyName =
    call.policy ?? (call.server === undefined ? undefined : grant?.access.get(call.server));
  const question: Question = {
    call,
    circumstances,
    grant,
    server,
    label: labelOf(server, call),
    policy: policyName === undefined ? undefined : repository.policies.get(policyName),
    tracer,
    charges: NO_CHARGES,
  };
  const denial =
    (call.policy === undefined ? admission(question, repository.source.requireBaa) : undefined) ??
    ruling(question);
  return denial === undefined ? allowed(question) : denied(question, denial);
}

/**
 * Whether the grant may come in at all, for what is part of every session and carries no patient data
 * of its own: the handshake, and lists (which are filtered). Everything that comes before the policy's
 * rules, and nothing of them.
 */
export function admit(
  repository: ReadyRepository,
  call: Call,
  circumstances: Circumstances,
): Decision {
  const grant = call.grant === undefined ? undefined : repository.grants.get(call.grant);
  const server = call.server === undefined ? undefined : repository.servers.get(call.server);
  const name = call.server === undefined ? undefined : grant?.access.get(call.server);
  const policy = name === undefined ? undefined : repository.policies.get(name);
  const question: Question = {
    call,
    circumstances,
    grant,
    server,
    label: HARMLESS,
    policy,
    tracer: undefined,
    charges: NO_CHARGES,
  };
  const denial =
    admission(question, false) ??
    (policy === undefined
      ? { rule: "(no policy)", reason: "the grant has no policy for this server" }
      : undefined);
  return (denial === undefined ? allowed(question) : denied(question, denial)).decision;
}

interface Question {
  readonly call: Call;
  readonly circumstances: Circumstances;
  readonly grant: ReadyGrant | undefined;
  readonly server: ReadyServer | undefined;
  readonly label: ReadyLabel;
  readonly policy: ReadyPolicy | undefined;
  readonly tracer: Tracer | undefined;
  /** Grows as limits are judged. */
  charges: readonly Charge[];
  /** What would have denied the call, where that is only watched. */
  watched?: Denial;
}

function labelOf(server: ReadyServer | undefined, call: Call): ReadyLabel {
  if (server === undefined) return WORST;
  const found =
    call.method === TOOLS_CALL
      ? server.toolLabels.get(call.tool)
      : server.methodLabels.get(call.method);
  return found ?? WORST;
}

function allowed({ call, grant, label, policy, charges, watched }: Question): Judgement {
  return {
    // A call that its rules would have denied takes nothing from its limits: so it is once they hold.
    charges: watched === undefined ? charges : NO_CHARGES,
    decision: {
      verdict: "allow",
      rule: watched?.rule ?? "",
      ...(watched === undefined ? {} : { monitored: true }),
      reason: watched?.reason ?? policy!.allowReason,
      message: "",
      policy: policy!.identity,
      grant: grant === undefined ? null : grant.source.id,
      ephi: ephiOf(label.source, call.args),
      effect: effectOf(label.source, call.args),
      subjectArg: pick(label.subjectText, call.args, "unknown"),
      ...(watched?.undetermined === undefined ? {} : { undetermined: watched.undetermined }),
    },
  };
}

function denied({ call, grant, label, policy }: Question, denial: Denial): Judgement {
  const { rule, reason, onDeny, undetermined } = denial;
  return {
    charges: NO_CHARGES,
    decision: {
      verdict: "deny",
      rule,
      reason,
      message: SECRET.has(rule) ? NOT_GRANTED : (onDeny ?? reason),
      policy: policy?.identity ?? null,
      grant: grant?.source.id ?? null,
      ephi: ephiOf(label.source, call.args),
      effect: effectOf(label.source, call.args),
      subjectArg: pick(label.subjectText, call.args, "unknown"),
      ...(undetermined === undefined ? {} : { undetermined }),
    },
  };
}

function isHalted(halted: Halted | undefined, { grant, server, tool }: Call): boolean {
  if (halted === undefined) return false;
  if (halted.all || (grant !== undefined && halted.grants.has(grant))) return true;
  return halted.tools.some(
    (stopped) => stopped.tool === tool && (stopped.server ?? server) === server,
  );
}

/** Whether this grant may come in at all: who, when, and to which server. */
function admission(question: Question, requireBaa: boolean): Denial | undefined {
  const { call, circumstances, grant, server, label, tracer } = question;
  if (grant === undefined) return deny(question, "(no grant)", "no such grant");
  const { expires, issued, breakGlass, id } = grant.source;
  if (call.at >= expires)
    return deny(question, "(expired)", `the grant expired on ${day(expires)}`);
  if (call.at < issued)
    return deny(question, "(not yet valid)", `the grant is valid from ${day(issued)}`);
  if (circumstances.revoked?.has(id)) return deny(question, "(revoked)", "the grant was revoked");
  if (breakGlass !== undefined && circumstances.opened?.has(id) === false) {
    return deny(question, "(dormant)", "this emergency-access grant is not open");
  }
  tracer?.step(
    "(no grant)",
    "passed",
    `the grant is valid from ${day(issued)} until ${day(expires)}`,
  );
  if (breakGlass !== undefined && circumstances.opened === undefined) {
    tracer?.step("(dormant)", "passed", "break-glass: judged as if open");
  }
  const ephi = ephiOf(label.source, call.args);
  if (isHalted(circumstances.halted, call)) {
    return deny(question, "(halted)", "an emergency stop is in force");
  }
  // Policy that is too old must not go on deciding about patient data (freeze attack).
  if (circumstances.stale && ephi) {
    return deny(question, "(stale)", "the policy in force is older than it may be");
  }
  // A clock that was set back would bring expired grants and used windows back to life.
  if (circumstances.clockBehind && ephi) {
    return deny(question, "(stale)", "the clock of this machine went backwards");
  }
  if (server === undefined)
    return deny(question, "(unknown server)", "the server is not in the registry");
  if (requireBaa && ephi) {
    if (!agreementInForce(server, call.at)) {
      return deny(question, "(no baa)", "the server has no business associate agreement in force");
    }
    tracer?.step(
      "(no baa)",
      "passed",
      "a business associate agreement is in force, or none is required",
    );
  }
  return undefined;
}

/** Whether a business associate agreement is in force at `at`, or none is required. */
export function agreementInForce({ source }: ReadyServer, at: number): boolean {
  const { status, signed, expires } = source.baa;
  if (status === "not_required") return true;
  return status === "signed" && (signed ?? -Infinity) <= at && at < (expires ?? Infinity);
}

function deny({ tracer }: Question, rule: string, reason: string): Denial {
  tracer?.step(rule, "denied", reason);
  return { rule, reason };
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Whether the policy allows the call: its tool, its arguments, and how often. */
function ruling(question: Question): Denial | undefined {
  const { call, policy, tracer } = question;
  if (policy === undefined) {
    return deny(
      question,
      "(no policy)",
      call.policy === undefined ? "the grant has no policy for this server" : "no such policy",
    );
  }
  tracer?.step("(no policy)", "passed", `policy \`${policy.source.name}\` decides`);
  if (call.method !== TOOLS_CALL) {
    const rules = policy.methods.get(call.method);
    if (rules === undefined)
      return deny(question, "(method)", "the policy does not list this method");
    tracer?.step("(method)", "passed", "the policy lists this method");
    return enforced(question, judgeRules(question, rules) ?? judgeLimits(question, rules));
  }
  const rules = policy.tools.get(call.tool);
  const { allTools } = policy;
  const unreached = reach(question, policy, rules);
  if (unreached !== undefined && !isWatched(question)) return unreached;
  return (
    // A tool that nobody reviewed, or that changed since, is denied in every mode.
    pins(question) ??
    enforced(
      question,
      unreached ??
        (rules === undefined ? undefined : judgeRules(question, rules)) ??
        judgeRules(question, allTools) ??
        (rules === undefined ? undefined : judgeLimits(question, rules)) ??
        judgeLimits(question, allTools),
    )
  );
}

/** A denial by the rules, unless it is only watched. */
function enforced(question: Question, denial: Denial | undefined): Denial | undefined {
  if (denial === undefined || !isWatched(question)) return denial;
  question.watched = denial;
  const says = `monitor mode: the call passes, recorded as one that ${denial.rule} would have denied`;
  question.tracer?.step("(monitor)", "passed", says);
  return undefined;
}

/** Whether the rules' denials of this call are only watched. */
function isWatched({ call, circumstances, grant, server, label }: Question): boolean {
  const { monitor } = circumstances;
  // A question about a policy alone is about what it says, whatever becomes of it on a server.
  const isMonitored =
    grant?.source.mode === "monitor" ||
    (call.policy === undefined && server?.source.mode === "monitor");
  if (!isMonitored || monitor === "none") return false;
  // By the effective label: what nobody described is patient data, and is never only watched.
  return monitor === "all" || !ephiOf(label.source, call.args);
}

/** Whether the policy reaches the tool. */
function reach(
  question: Question,
  policy: ReadyPolicy,
  rules: ReadyRules | undefined,
): Denial | undefined {
  const { call, label, tracer } = question;
  if (policy.hides(call.tool)) return deny(question, "(hidden)", "the policy hides this tool");
  if (rules !== undefined) {
    tracer?.step("(default deny)", "passed", "the policy lists this tool");
    return undefined;
  }
  if (policy.source.default === "deny") {
    return deny(question, "(default deny)", "the policy does not list this tool");
  }
  // A label that depends on an argument is no promise that the tool is harmless.
  if (label.source.ephi !== false) {
    return deny(
      question,
      "(default deny)",
      "`default: allow` reaches only tools that are labelled `ephi: false`",
    );
  }
  tracer?.step(
    "(default deny)",
    "passed",
    "`default: allow`, and the tool is labelled `ephi: false`",
  );
  return undefined;
}

/** Whether the tool is the one that was reviewed, and the arguments are of its form. */
function pins(question: Question): Denial | undefined {
  const { call, circumstances, server, tracer } = question;
  if (server?.source.lock === undefined) return undefined;
  const pinned = server.pinned(call.tool);
  if (pinned === undefined) {
    return deny(question, "(quarantined)", "the tool is not pinned in the server's lock");
  }
  if (circumstances.drifted?.has(`${server.source.id}/${call.tool}`)) {
    // A server that changes a tool after its review ("rug pull").
    return deny(question, "(quarantined)", "the tool's live definition differs from its pin");
  }
  if ("problem" in pinned) {
    return deny(
      question,
      "(quarantined)",
      `the tool's pinned schema cannot be used: ${pinned.problem}`,
    );
  }
  const problem = pinned.schema.check(call.args);
  if (problem !== undefined) {
    return deny(
      question,
      "(schema)",
      `the arguments do not satisfy the tool's pinned schema: ${problem}`,
    );
  }
  tracer?.step("(schema)", "passed", "the arguments satisfy the tool's pinned schema");
  return undefined;
}

/** The arguments that may be present, then every `require`, then every `deny_if`. */
function judgeRules(question: Question, rules: ReadyRules): Denial | undefined {
  const { call, grant, tracer } = question;
  if (rules.args !== undefined) {
    const denial = judgeArgs(question, rules, rules.args);
    if (denial !== undefined) return denial;
  }
  const facts: Facts = { args: call.args, grant: grant === undefined ? NO_GRANT : grant.facts };
  const { require, denyIf } = rules;
  for (let i = 0; i < require.length; i++) {
    const truth = require[i]!.judge(facts);
    tracer?.entry(require[i]!, "require", truth, facts);
    if (truth !== "true") return entryDenial(rules, require[i]!, "require", truth, facts);
  }
  for (let i = 0; i < denyIf.length; i++) {
    const truth = denyIf[i]!.judge(facts);
    tracer?.entry(denyIf[i]!, "deny_if", truth, facts);
    if (truth !== "false") return entryDenial(rules, denyIf[i]!, "deny_if", truth, facts);
  }
  return undefined;
}

function entryDenial(
  rules: ReadyRules,
  entry: ReadyEntry,
  kind: EntryKind,
  truth: Truth,
  facts: Facts,
): Denial {
  return {
    rule: entry.pointer,
    ...entryReason(entry, kind, truth, facts),
    onDeny: entry.source.onDeny ?? rules.source.onDeny,
  };
}

function judgeArgs(
  question: Question,
  rules: ReadyRules,
  granted: ReadonlySet<string>,
): Denial | undefined {
  const { call, server, tracer } = question;
  const rule = `${rules.pointer}/args`;
  const others = Object.keys(call.args).filter((name) => !granted.has(name));
  if (others.length === 0) {
    tracer?.step(rule, "passed", "only granted arguments are present");
    return undefined;
  }
  // A name that the sender made up may be a patient's: only names of the pinned schema are said.
  const known = server?.properties(call.tool);
  const said = others.filter((name) => known?.has(name)).map((name) => `\`${name}\``);
  const rest = others.length - said.length;
  if (rest > 0) said.push(`${rest} that the tool does not describe`);
  const denial = deny(
    question,
    rule,
    `arguments that the policy does not grant: ${said.join(", ")}`,
  );
  return { ...denial, onDeny: rules.source.onDeny };
}

/** Every limit must have room; what they would take is kept for when the call is allowed. */
function judgeLimits(question: Question, rules: ReadyRules): Denial | undefined {
  const { call, circumstances, grant, label, tracer } = question;
  for (const limit of rules.limits) {
    const result = judgeLimit(limit, call, grant, label.source, circumstances.usage);
    if ("reason" in result) {
      return { ...deny(question, limit.pointer, result.reason), onDeny: rules.source.onDeny };
    }
    tracer?.step(limit.pointer, "passed", "there is room within the limit");
    question.charges = [...question.charges, result.charge];
  }
  return undefined;
}
