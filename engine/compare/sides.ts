/** The two revisions of one (grant, server, tool or method), as the prover and the decision see them. */
import { type Call, TOOLS_CALL } from "../decide/call.ts";
import { type Decision, decide } from "../decide/decide.ts";
import { effectOf as labelledEffect } from "../decide/label.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import { canonical, type Json, type JsonObject, own, type ReceivedObject } from "../json/value.ts";
import {
  type Effect,
  type Grant,
  type Label,
  type Policy,
  type RuleSet,
  type Server,
  WORST_LABEL,
} from "../policy/ir.ts";
import type { Side as Proved, Target } from "../prove/rules.ts";

/** One revision's part of a pairing: a policy on a server. Both may be missing. */
export interface Half {
  readonly repository: ReadyRepository;
  readonly policy: Policy | undefined;
  readonly server: Server | undefined;
  /** Its rules are only watched where no patient data is concerned; absent: what the rules say is asked. */
  readonly monitored?: boolean;
}

export interface Cell {
  readonly target: Target;
  readonly base: Half;
  readonly head: Half;
}

export function targetName(target: Target): string {
  return "tool" in target ? target.tool : target.method;
}

/** The tools and methods that either policy could allow. Any other name is denied by both. */
export function targetsOf(base: Half, head: Half): Target[] {
  const tools = new Set<string>();
  const methods = new Set<string>();
  for (const { policy, server, monitored } of [base, head]) {
    if (policy === undefined) continue;
    if (monitored === true) {
      for (const [tool, { ephi }] of Object.entries(server?.tools ?? {}))
        if (ephi !== true) tools.add(tool);
    }
    for (const tool of Object.keys(policy.tools)) tools.add(tool);
    for (const method of Object.keys(policy.methods)) methods.add(method);
    if (policy.default !== "allow") continue;
    // `default: allow` reaches what is labelled `ephi: false`, and nothing that has no label.
    for (const [tool, { ephi }] of Object.entries(server?.tools ?? {}))
      if (ephi === false) tools.add(tool);
  }
  return [
    ...[...tools].sort().map((tool) => ({ tool })),
    ...[...methods].sort().map((method) => ({ method })),
  ];
}

export function labelOf({ server }: Half, target: Target): Label {
  const labels = ("tool" in target ? server?.tools : server?.methods) ?? {};
  return own(labels, targetName(target)) ?? WORST_LABEL;
}

/**
 * Whether either side's label says that the target may concern patient data. A server that base does
 * not know has no label there, which is the worst: a change cannot bring in a server, call it harmless
 * and so leave the gate's scope. A server that head no longer knows is reached by nobody.
 */
export function mayBeEphi({ base, head, target }: Cell): boolean {
  const sides = head.server === undefined ? [base] : [base, head];
  return sides.some((half) => labelOf(half, target).ephi !== false);
}

/** The effect of one call, or of the target where an argument decides: then any other value is the worst. */
export function effectOf({ base, head, target }: Cell, args?: ReceivedObject): Effect {
  const label = labelOf(head.server === undefined ? base : head, target);
  if (typeof label.effect === "string") return label.effect;
  return args === undefined ? "execute" : labelledEffect(label, args);
}

/** What the prover is asked about one side. */
export function provedSide(half: Half, target: Target, grant: Proved["grant"]): Proved {
  const { policy, server, repository, monitored } = half;
  const nothing: Proved = { target, grant };
  if (server === undefined) return nothing;
  const label = labelOf(half, target);
  const side: Proved = { policy, target, label, grant, monitored };
  if (!("tool" in target) || server.lock === undefined) return side;
  const pin = own(server.lock.tools, target.tool);
  const pinned = repository.servers.get(server.id)?.pinned(target.tool);
  // Not pinned, or pinned with a schema that cannot be used: quarantined, so nothing is allowed.
  if (pin === undefined || pinned === undefined || "problem" in pinned) return nothing;
  return { ...side, schema: pin.definition.inputSchema as JsonObject };
}

const cellTexts = new WeakMap<Half, Map<string, string>>();

/** Everything that decides about the target, as text: equal texts decide equally. */
export function cellText(half: Half, target: Target): string {
  let texts = cellTexts.get(half);
  if (texts === undefined) {
    texts = new Map();
    cellTexts.set(half, texts);
  }
  const key = "tool" in target ? `tool ${target.tool}` : `method ${target.method}`;
  let text = texts.get(key);
  if (text === undefined) {
    text = writeCell(half, target);
    texts.set(key, text);
  }
  return text;
}

function writeCell(half: Half, target: Target): string {
  const side = provedSide(half, target, "free");
  if (side.policy === undefined) return "";
  const rules = rulesOf(side.policy, target, side.label);
  const watched = watchedCalls(half, target);
  if (rules.length === 0 && watched === "none") return "";
  const subject = rules.some(({ limits }) => limits.some(({ distinct }) => distinct !== undefined))
    ? side.label?.subject
    : undefined;
  return canonical([
    rules.map(rulesText),
    side.schema ?? null,
    subject ?? null,
    watched,
  ] as unknown as Json);
}

/** Of which calls the rules' denials are only watched: none, all, or those that the label picks. */
export function watchedCalls(half: Half, target: Target): "none" | "all" | Label["ephi"] {
  if (half.monitored !== true || half.policy === undefined) return "none";
  if ("method" in target && own(half.policy.methods, target.method) === undefined) return "none";
  const { ephi } = labelOf(half, target);
  return ephi === true ? "none" : ephi === false ? "all" : ephi;
}

/** What the pin says of the target, as text: nothing pinned, quarantined, or the schema. */
function pinText(half: Half, target: Target): string {
  if (half.policy === undefined || half.server?.lock === undefined) return "not pinned";
  const { policy, schema } = provedSide(half, target, "free");
  return policy === undefined ? "quarantined" : canonical(schema ?? null);
}

const texts = new WeakMap<RuleSet, string>();

/** Without what is only said to the agent. */
function rulesText(rules: RuleSet): string {
  let text = texts.get(rules);
  if (text === undefined) {
    const entries = (list: RuleSet["require"]): unknown => list.map(({ anyOf }) => anyOf);
    text = canonical({
      args: rules.args ?? null,
      require: entries(rules.require),
      denyIf: entries(rules.denyIf),
      limits: rules.limits,
    } as unknown as Json);
    texts.set(rules, text);
  }
  return text;
}

/** The rule sets that judge a call of the target; none if the policy does not reach it. */
export function rulesOf(
  policy: Policy,
  target: Target,
  label: Label | undefined,
): readonly RuleSet[] {
  if ("method" in target) {
    const rules = own(policy.methods, target.method);
    return rules === undefined ? [] : [rules];
  }
  if (policy.hide === "*" || policy.hide.includes(target.tool)) return [];
  const rules = own(policy.tools, target.tool);
  if (rules !== undefined) return [rules, policy.allTools];
  return policy.default === "allow" && label?.ephi === false ? [policy.allTools] : [];
}

/** Whether a decision about the target may depend on who asks. */
export function readsGrant(half: Half, target: Target): boolean {
  if (half.policy === undefined) return false;
  return rulesOf(half.policy, target, labelOf(half, target)).some(({ require, denyIf }) =>
    [...require, ...denyIf].some(({ anyOf }) =>
      anyOf.some((group) =>
        group.some(({ path, operand }) => path.root === "grant" || "grant" in operand),
      ),
    ),
  );
}

/** The grant as conditions see it. */
export function factsOf(repository: ReadyRepository, grant: Grant): ReceivedObject {
  return repository.grants.get(grant.id)!.facts;
}

/** What one side decides about one call of a grant. */
export function replay(repository: ReadyRepository, call: Call): Decision {
  return decide(repository, call).decision;
}

export function callOf(
  grant: string,
  server: string,
  target: Target,
  args: ReceivedObject,
  at: number,
): Call {
  const tool = "tool" in target ? target.tool : "";
  return { grant, server, method: "tool" in target ? TOOLS_CALL : target.method, tool, args, at };
}

/** Whether the policy reaches the target at all. */
export function reached(half: Half, target: Target): boolean {
  return cellText(half, target) !== "";
}

/** What the change of a cell is about: the rules and the grant, or only the pin, or only the label. */
export function kindOf({ base, head, target }: Cell): "access" | "pin" | "label" {
  if (base.policy === undefined || head.policy === undefined) return "access";
  if ((base.monitored === true) !== (head.monitored === true)) return "access";
  const text = (half: Half): string =>
    rulesOf(half.policy!, target, labelOf(half, target)).map(rulesText).join("\n");
  if (text(base) === text(head)) {
    if (pinText(base, target) !== pinText(head, target)) return "pin";
    return cellText(base, target) === cellText(head, target) ? "access" : "label";
  }
  const reachedByLabel = (half: Half): boolean => half.policy!.default === "allow";
  return base.policy.digest === head.policy.digest && reachedByLabel(base) ? "label" : "access";
}
