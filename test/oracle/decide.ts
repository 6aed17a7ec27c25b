// The naive decision: what a policy means, written a second time and in the slowest, plainest way,
// so that the engine has something to be compared with. It shares nothing with the engine, not even
// types: a misreading in a shared helper would agree with itself. It reads documents as a user
// writes them, parses every path and every regex again on each use, and throws on a document that
// the loader must have refused, because silence there would hide a gap in the loader.

import { regexFinds } from "./regex.ts";

export type Truth = "T" | "F" | "U";

export interface Condition {
  path: string;
  op: string;
  value?: unknown;
  value_from?: string;
  quantifier?: "any" | "all";
  not?: boolean;
}

export type Entry =
  | { conditions: Condition[]; on_deny?: string; name?: string }
  | { any_of: Condition[][] }
  | Condition;

export interface Rules {
  args?: string[];
  require?: Entry[];
  deny_if?: Entry[];
  on_deny?: string;
}

export interface PolicyDocument {
  version: string;
  description?: string;
  default: "allow" | "deny";
  hide?: string[] | "*";
  all_tools?: Omit<Rules, "args" | "on_deny">;
  tools?: Record<string, Rules>;
  methods?: Record<string, Rules>;
}

export interface GrantDocument {
  id: string;
  principal: { kind: string; id: string; responsible?: string };
  purpose: string;
  attributes?: Record<string, unknown>;
  issued: string;
  expires: string;
  [other: string]: unknown;
}

/** A label's field: the same for every call, or picked by the text of one argument. */
export type Labelled<T> = T | { by: string; cases: Record<string, T> };

export interface Label {
  effect?: Labelled<string>;
  ephi?: Labelled<boolean>;
  volume?: string;
  subject?: Labelled<string | string[]>;
}

export interface ServerDocument {
  id: string;
  tools?: Record<string, Label>;
  methods?: Record<string, Label>;
  [other: string]: unknown;
}

/** A tool call, or any other request when `method` is there and is not `tools/call`. */
export interface Call {
  method?: string | undefined;
  tool: string;
  args?: Record<string, unknown> | undefined;
  /** Milliseconds since 1970; a call without it is not held against the grant's dates. */
  at?: number | undefined;
}

export interface Question {
  /** Only a name: nothing in a decision of this oracle depends on it. */
  policyName?: string | undefined;
  policy?: PolicyDocument | undefined;
  grant?: GrantDocument | undefined;
  server?: ServerDocument | undefined;
  call: Call;
}

export interface Answer {
  verdict: "allow" | "deny";
  rule: string;
  ephi: boolean;
  effect: string;
  /** The argument that names the patient; a list of several. */
  subject: string | string[];
  /** `rule` would have denied the call, and monitor mode let it pass. */
  monitored: boolean;
}

/** The verdict on one call, and the first rule that denied it ("" when nothing did). */
export function decide(question: Question): Answer {
  const rule = firstDenial(question);
  const label = labelOf(question);
  // What nobody labelled is taken for the worst: it holds patient data, and it executes.
  const ephi = pick(label.ephi, true, question);
  const monitored = saidByAPolicy(rule) && isMonitored(question) && !ephi;
  return {
    verdict: rule === "" || monitored ? "allow" : "deny",
    rule,
    monitored,
    ephi,
    effect: pick(label.effect, "execute", question),
    subject: subjectOf(label, question),
  };
}

/** A rule of the policy about a tool or a method that it may speak of; not who may come in. */
function saidByAPolicy(rule: string): boolean {
  return rule.startsWith("/") || rule === "(hidden)" || rule === "(default deny)";
}

/** By the grant, or by the server when a grant calls it; a policy asked by itself has no mode. */
function isMonitored({ grant, server }: Question): boolean {
  return grant !== undefined && (grant.mode === "monitor" || server?.mode === "monitor");
}

function firstDenial(question: Question): string {
  const { policy, grant, call } = question;
  const args = call.args ?? {};

  // Both dates are midnights in UTC. The day of issue is in, the day of expiry is already out.
  if (grant !== undefined && call.at !== undefined) {
    if (call.at >= Date.parse(`${grant.expires}T00:00:00Z`)) return "(expired)";
    if (call.at < Date.parse(`${grant.issued}T00:00:00Z`)) return "(not yet valid)";
  }
  if (policy === undefined) return "(no policy)";

  // A method has its own entries and nothing else: neither `default`, nor `hide`, nor `all_tools`,
  // which speak of tools.
  if (isMethod(call)) {
    const method = call.method as string;
    const rules = own(policy.methods, method);
    if (rules === undefined) return "(method)";
    return denialIn(rules, `/methods/${escapePointer(method)}`, args, grant);
  }

  const hide = policy.hide ?? [];
  if (hide === "*" || hide.includes("*") || hide.includes(call.tool)) return "(hidden)";

  let rules = own(policy.tools, call.tool);
  if (rules === undefined) {
    // `default: allow` reaches an unlisted tool only if its label says, whatever the arguments are,
    // that there is no patient data. A label that depends on an argument does not say that.
    const harmless = policy.default === "allow" && labelOf(question).ephi === false;
    if (!harmless) return "(default deny)";
    rules = {};
  }
  return (
    denialIn(rules, `/tools/${escapePointer(call.tool)}`, args, grant) ||
    denialIn(policy.all_tools ?? {}, "/all_tools", args, grant)
  );
}

/** The pointer of the first rule in one block that denies: `args`, then `require`, then `deny_if`. */
function denialIn(
  rules: Rules,
  pointer: string,
  args: Record<string, unknown>,
  grant: GrantDocument | undefined,
): string {
  const named = rules.args;
  if (named !== undefined && Object.keys(args).some((name) => !named.includes(name)))
    return `${pointer}/args`;
  // An undetermined entry denies on both sides: require wants T, deny_if wants F.
  for (const [i, entry] of (rules.require ?? []).entries())
    if (entryTruth(entry, args, grant) !== "T") return `${pointer}/require/${i}`;
  for (const [i, entry] of (rules.deny_if ?? []).entries())
    if (entryTruth(entry, args, grant) !== "F") return `${pointer}/deny_if/${i}`;
  return "";
}

function isMethod(call: Call): boolean {
  return call.method !== undefined && call.method !== "tools/call";
}

function labelOf({ server, call }: Question): Label {
  if (isMethod(call)) return own(server?.methods, call.method as string) ?? {};
  return own(server?.tools, call.tool) ?? {};
}

/** A list of one is that one. */
function subjectOf(label: Label, question: Question): string | string[] {
  const subject = pick<string | string[]>(label.subject, "unknown", question);
  return Array.isArray(subject) && subject.length === 1 ? (subject[0] as string) : subject;
}

/** One field of a label for this call. Anything but a string that names a case is the worst case. */
function pick<T>(field: Labelled<T> | undefined, worst: T, { call }: Question): T {
  if (field === undefined) return worst;
  if (typeof field !== "object" || field === null || Array.isArray(field)) return field as T;
  const { by, cases } = field as { by: string; cases: Record<string, T> };
  const found = walk(present(call.args ?? {}), parsePath(by).steps);
  if (found.state !== "present" || typeof found.value !== "string") return worst;
  return own(cases, found.value) ?? worst;
}

// ---------------------------------------------------------------- three values

export function and(all: Truth[]): Truth {
  return all.includes("F") ? "F" : all.includes("U") ? "U" : "T";
}

export function or(all: Truth[]): Truth {
  return all.includes("T") ? "T" : all.includes("U") ? "U" : "F";
}

/** Negation keeps undetermined undetermined, so that `neq` on nothing allows nothing. */
export function not(one: Truth): Truth {
  return one === "U" ? "U" : one === "T" ? "F" : "T";
}

function truth(holds: boolean): Truth {
  return holds ? "T" : "F";
}

export function entryTruth(
  entry: Entry,
  args: Record<string, unknown>,
  grant?: GrantDocument | undefined,
): Truth {
  const groups =
    "conditions" in entry ? [entry.conditions] : "any_of" in entry ? entry.any_of : [[entry]];
  return or(groups.map((group) => and(group.map((c) => conditionTruth(c, args, grant)))));
}

export function conditionTruth(
  condition: Condition,
  args: Record<string, unknown>,
  grant?: GrantDocument | undefined,
): Truth {
  const { op } = condition;
  const { root, steps } = parsePath(condition.path);
  const start = rootValue(root, args, grant);

  let operand = condition.value;
  if (condition.value_from !== undefined) {
    const from = parsePath(condition.value_from);
    const right = walk(rootValue(from.root, args, grant), from.steps);
    if (right.state !== "present") return "U";
    operand = right.value;
  }

  const star = steps.indexOf(STAR);
  let result: Truth;
  if (star === -1) {
    result = operatorTruth(op, walk(start, steps), operand);
  } else {
    const list = walk(start, steps.slice(0, star));
    if (list.state === "absent") {
      result = operatorTruth(op, list, operand);
    } else if (list.state === "bad" || !Array.isArray(list.value) || list.value.length === 0) {
      // Of no element at all, "any" and "all" would both be answered for free: neither is.
      result = "U";
    } else {
      const each = list.value.map((element) =>
        operatorTruth(op, walk(present(element), steps.slice(star + 1)), operand),
      );
      if (condition.quantifier === "any") result = or(each);
      else if (condition.quantifier === "all") result = and(each);
      else throw new Error("a path with [*] needs a quantifier");
    }
  }
  return condition.not === true ? not(result) : result;
}

// ---------------------------------------------------------------- paths

const STAR = Symbol("[*]");
type Step = string | number | typeof STAR;

/** What a path leads to. `bad`: something on the way is there, but is not what the step needs. */
type Found = { state: "absent" } | { state: "bad" } | { state: "present"; value: unknown };

function present(value: unknown): Found {
  return { state: "present", value };
}

function parsePath(text: string): { root: string; steps: Step[] } {
  const root = /^(args|grant)(?=[.[]|$)/.exec(text)?.[0];
  if (root === undefined) throw new Error("a path starts with args or grant");
  const steps: Step[] = [];
  let at = root.length;
  while (at < text.length) {
    if (text[at] === ".") {
      let end = at + 1;
      while (end < text.length && text[end] !== "." && text[end] !== "[") end += 1;
      if (end === at + 1) throw new Error("a path has an empty name");
      steps.push(text.slice(at + 1, end));
      at = end;
    } else if (text.startsWith('["', at)) {
      let end = at + 2;
      while (text[end] !== '"') {
        if (end >= text.length) throw new Error("a quoted name does not end");
        end += text[end] === "\\" ? 2 : 1;
      }
      steps.push(JSON.parse(text.slice(at + 1, end + 1)) as string);
      if (text[end + 1] !== "]") throw new Error("a bracket does not close");
      at = end + 2;
    } else if (text.startsWith("[*]", at)) {
      steps.push(STAR);
      at += 3;
    } else {
      const index = /^\[(\d+)\]/.exec(text.slice(at));
      if (index === null) throw new Error("a path has a step that cannot be read");
      steps.push(Number(index[1]));
      at += index[0].length;
    }
  }
  return { root, steps };
}

function walk(start: Found, steps: Step[]): Found {
  let here = start;
  for (const step of steps) {
    if (here.state !== "present") return here;
    const { value } = here;
    if (typeof step === "string") {
      if (kind(value) !== "object") return { state: "bad" };
      // Own properties only: `constructor` is a name like any other, and nobody's is inherited.
      here = Object.hasOwn(value as object, step)
        ? present((value as Record<string, unknown>)[step])
        : { state: "absent" };
    } else if (typeof step === "number") {
      if (!Array.isArray(value)) return { state: "bad" };
      here = step < value.length ? present(value[step]) : { state: "absent" };
    } else {
      throw new Error("only one [*], and not on the right");
    }
  }
  return here;
}

/** `args`, or the grant seen as one object in which the reserved names win over attributes. */
function rootValue(
  root: string,
  args: Record<string, unknown>,
  grant: GrantDocument | undefined,
): Found {
  if (root === "args") return present(args);
  if (grant === undefined) return { state: "absent" };
  const { kind, id, responsible } = grant.principal;
  const principal = responsible === undefined ? { kind, id } : { kind, id, responsible };
  return present({ ...grant.attributes, id: grant.id, purpose: grant.purpose, principal });
}

function own<T>(table: Record<string, T> | undefined, name: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

// ---------------------------------------------------------------- operators

function kind(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value !== "object") return typeof value;
  // By the prototype, since an argument may own a property called `constructor`.
  const made = Object.getPrototypeOf(value)?.constructor?.name;
  return made === "InexactNumber" ? "inexact" : "object";
}

function isScalar(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(kind(value));
}

function operatorTruth(op: string, found: Found, operand: unknown): Truth {
  if (found.state === "bad") return "U";
  if (op === "exists") return truth((found.state === "present") === operand);
  if (found.state === "absent") return "U";
  const { value } = found;
  // Two readers may take such a number for two different values, so nobody may judge it.
  if (kind(value) === "inexact") return "U";
  switch (op) {
    case "type":
      if (operand === "integer") return truth(Number.isInteger(value));
      return truth(kind(value) === operand);
    case "eq":
      return equal(value, operand);
    case "neq":
      return not(equal(value, operand));
    case "in":
      return isIn(value, operand);
    case "not_in":
      return not(isIn(value, operand));
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return compare(op, value, operand);
    case "regex":
      return onStrings(value, operand, (text, pattern) => regexFinds(pattern, text, false));
    case "matches":
      return onStrings(value, operand, (text, pattern) => regexFinds(pattern, text, true));
    case "starts_with":
      return onStrings(value, operand, (text, part) => partAt(text, part, 0));
    case "ends_with":
      return onStrings(value, operand, (text, part) =>
        partAt(text, part, [...text].length - [...part].length),
      );
    case "contains":
      if (Array.isArray(value)) return hasElement(value, operand);
      return onStrings(value, operand, (text, part) =>
        [...text, ""].some((_, i) => partAt(text, part, i)),
      );
    case "has_element":
      return hasElement(value, operand);
    case "length_lt":
    case "length_lte":
    case "length_gt":
    case "length_gte":
      if (typeof value !== "string") return "U";
      return compare(op.slice("length_".length), [...value].length, operand);
    case "count_lt":
    case "count_lte":
    case "count_gt":
    case "count_gte":
      if (!Array.isArray(value)) return "U";
      return compare(op.slice("count_".length), value.length, operand);
    default:
      throw new Error(`no such operator: ${op}`);
  }
}

/** No coercion: of two different types it is neither true nor false that they are equal. */
function equal(value: unknown, operand: unknown): Truth {
  if (!isScalar(value) || kind(value) !== kind(operand)) return "U";
  return truth(value === operand);
}

/** A list without a member of the value's type, the empty one included, was not meant for it. */
function isIn(value: unknown, list: unknown): Truth {
  if (!isScalar(value) || !Array.isArray(list)) return "U";
  const peers = list.filter((member) => kind(member) === kind(value));
  return peers.length === 0 ? "U" : truth(peers.includes(value));
}

function hasElement(list: unknown, operand: unknown): Truth {
  if (!Array.isArray(list) || !isScalar(operand)) return "U";
  if (list.some((element) => equal(element, operand) === "T")) return "T";
  return list.every((element) => equal(element, operand) === "F") ? "F" : "U";
}

function compare(op: string, left: unknown, right: unknown): Truth {
  if (typeof left !== "number" || typeof right !== "number") return "U";
  if (op === "lt") return truth(left < right);
  if (op === "lte") return truth(left <= right);
  if (op === "gt") return truth(left > right);
  return truth(left >= right);
}

function onStrings(
  value: unknown,
  operand: unknown,
  holds: (text: string, operand: string) => boolean,
): Truth {
  if (typeof value !== "string" || typeof operand !== "string") return "U";
  return truth(holds(value, operand));
}

/** Whether `part` stands in `text` at that code point. */
function partAt(text: string, part: string, at: number): boolean {
  const [whole, wanted] = [[...text], [...part]];
  return at >= 0 && wanted.every((c, i) => whole[at + i] === c);
}
