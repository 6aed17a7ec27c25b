/** Files of the right form → the compiled policy, grant, server and lock. All problems at once. */
import type { Finding } from "../finding.ts";
import { digestOf, type JsonObject, own } from "../json/value.ts";
import { regexAdvice, regexStates } from "../regex/automata.ts";
import { MAX_REGEX_STATES } from "../regex/limits.ts";
import { compileRegex } from "../regex/regex.ts";
import type * as file from "../schema/types.ts";
import type { Located, Pointer } from "../source.ts";
import { didYouMean } from "../suggest.ts";
import type * as ir from "./ir.ts";
import { JSON_TYPES, WORST_LABEL } from "./ir.ts";
import { type PathResult, parsePath, parsePlainPath, quoted } from "./path.ts";
import { DAY, parseDay, parseDuration } from "./time.ts";

export interface Compiled<T> {
  /** Absent when a finding is an error. */
  readonly value?: T;
  readonly findings: readonly Finding[];
}

/** A grant lasts at most this long, so that every right of access is renewed at least yearly. */
const MAX_GRANT_DAYS = 366;

/** States of the automata of all the expressions of one file: building them takes the load's time. */
export const MAX_FILE_STATES = 50_000;

class Problems {
  readonly findings: Finding[] = [];
  readonly #located: Located<unknown>;
  /** What is wrong with each expression that was looked at. */
  readonly #patterns = new Map<string, { problem: string; help: string } | undefined>();
  #states = 0;

  constructor(located: Located<unknown>) {
    this.#located = located;
  }

  add(
    rule: string,
    pointer: Pointer,
    message: string,
    help: string,
    part: "key" | "value" = "value",
  ): void {
    const place = this.#located.place(pointer, part);
    this.findings.push({ rule, severity: "error", message, help, place });
  }

  /** An expression must be RE2, and small enough as an automaton that a proof can speak about it. */
  pattern(pattern: string, whole: boolean): { problem: string; help: string } | undefined {
    const key = `${whole} ${pattern}`;
    if (!this.#patterns.has(key)) this.#patterns.set(key, this.#patternProblem(pattern, whole));
    return this.#patterns.get(key);
  }

  #patternProblem(pattern: string, whole: boolean): { problem: string; help: string } | undefined {
    const result = compileRegex(pattern);
    if ("problem" in result) return result;
    if (this.#states > MAX_FILE_STATES) {
      return {
        problem: `the expressions of this file need more than ${MAX_FILE_STATES} states as automata`,
        help: "split the policy, or say it with `in`, `starts_with` or `contains`",
      };
    }
    const states = regexStates(pattern, whole);
    this.#states += states === "too many" ? MAX_REGEX_STATES : states;
    if (states !== "too many") return undefined;
    return {
      problem: `the expression needs more than ${MAX_REGEX_STATES} states as an automaton`,
      help: regexAdvice(pattern),
    };
  }

  path<T>(pointer: Pointer, result: PathResult<T>): T | undefined {
    if ("path" in result) return result.path;
    this.add("invalid-path", pointer, result.problem, result.help);
    return undefined;
  }

  day(pointer: Pointer, text: string): number {
    const at = parseDay(text);
    if (at === undefined)
      this.add("invalid-value", pointer, "this day does not exist", "check the month and the day");
    return at ?? 0;
  }

  result<T>(value: T): Compiled<T> {
    return this.findings.length > 0 ? { findings: this.findings } : { value, findings: [] };
  }
}

export function compilePolicy(
  located: Located<file.PolicyFile>,
  name: string,
): Compiled<ir.Policy> {
  const problems = new Problems(located);
  const source = located.value;
  const meaning = {
    default: source.default,
    hide:
      source.hide === "*" || source.hide?.includes("*")
        ? ("*" as const)
        : sortedSet(source.hide ?? []),
    allTools: compileRules(problems, ["all_tools"], source.all_tools ?? {}),
    tools: mapRecord(source.tools ?? {}, (rules, tool) =>
      compileRules(problems, ["tools", tool], rules),
    ),
    methods: mapRecord(source.methods ?? {}, (rules, method) => {
      checkMethodName(problems, method);
      return compileRules(problems, ["methods", method], rules);
    }),
  };
  return problems.result({ name, digest: digestOf(meaning), ...meaning });
}

/** What a method entry cannot speak of: it has rules of its own, or is built in. */
const NOT_METHODS: Readonly<Record<string, string>> = {
  "tools/call": "write the tool under `tools:`",
  "tools/list": "lists are filtered by what the grant may call; nothing needs to be said",
  initialize: "it is built in",
  ping: "it is built in",
};

function checkMethodName(problems: Problems, method: string): void {
  const why = own(NOT_METHODS, method);
  if (why !== undefined) {
    problems.add(
      "invalid-value",
      ["methods", method],
      `\`${quoted(method)}\` cannot be a method entry`,
      why,
      "key",
    );
  }
}

function compileRules(problems: Problems, at: Pointer, source: file.Rules): ir.RuleSet {
  const entries = (key: "require" | "deny_if"): ir.Entry[] =>
    (source[key] ?? []).map((entry, index) => compileEntry(problems, [...at, key, index], entry));
  const limits = (source.limits ?? []).map((limit, index) =>
    compileLimit(problems, [...at, "limits", index], limit),
  );
  const identities = new Set<string>();
  for (const [index, { counter, window, scope }] of limits.entries()) {
    const identity = JSON.stringify([counter, window, scope]);
    if (identities.has(identity)) {
      problems.add(
        "duplicate",
        [...at, "limits", index],
        "two limits have the same counter, window and scope",
        "rename the counter, or keep one of the two",
      );
    }
    identities.add(identity);
  }
  return {
    ...(source.args === undefined ? {} : { args: sortedSet(source.args) }),
    require: entries("require"),
    denyIf: entries("deny_if"),
    limits,
    ...(source.on_deny === undefined ? {} : { onDeny: source.on_deny }),
  };
}

/** What must hold of every allowed call, as phiward.yaml says it. No decision reads it; lint proves it. */
export interface Invariant {
  readonly name: string;
  readonly tools: "ephi" | "all" | readonly string[];
  /** Only calls of these effects; absent means all. */
  readonly effects?: readonly ir.Effect[];
  /** `"named"`: an argument that the tool's label names as the patient says which. */
  readonly require: "named" | ir.Entry;
}

export function compileInvariants(
  located: Located<file.ProjectFile>,
): Compiled<readonly Invariant[]> {
  const problems = new Problems(located);
  const names = new Set<string>();
  const invariants = (located.value.invariants ?? []).map((source, index): Invariant => {
    const { name, tools, effect, require } = source;
    const at = ["invariants", index];
    if (names.has(name)) {
      problems.add(
        "duplicate",
        [...at, "name"],
        "two invariants have the same name",
        "rename one of them",
      );
    }
    names.add(name);
    return {
      name,
      tools: typeof tools === "string" ? tools : sortedSet(tools),
      ...(effect === undefined ? {} : { effects: effect }),
      require: "subject" in require ? "named" : compileEntry(problems, [...at, "require"], require),
    };
  });
  return problems.result(invariants);
}

function compileEntry(problems: Problems, at: Pointer, entry: file.Entry): ir.Entry {
  const group = (conditions: readonly file.Condition[], where: Pointer): ir.Condition[] =>
    conditions.flatMap((condition, index) =>
      compileCondition(problems, [...where, index], condition),
    );
  const anyOf =
    entry.any_of !== undefined
      ? entry.any_of.map((conditions, index) => group(conditions, [...at, "any_of", index]))
      : entry.conditions !== undefined
        ? [group(entry.conditions, [...at, "conditions"])]
        : [compileCondition(problems, at, entry as file.Condition)];
  return {
    ...(entry.name === undefined ? {} : { name: entry.name }),
    ...(entry.on_deny === undefined ? {} : { onDeny: entry.on_deny }),
    anyOf,
  };
}

/** One condition, or none when it has problems. */
function compileCondition(problems: Problems, at: Pointer, source: file.Condition): ir.Condition[] {
  const path = problems.path([...at, "path"], parsePath(source.path, source.quantifier));
  const operand = compileOperand(problems, at, source);
  if (path === undefined || operand === undefined) return [];
  return [{ path, op: source.op, operand, not: source.not === true }];
}

/** What an operator compares with, and in which words a policy is told so. */
const OPERANDS: Readonly<
  Record<
    ir.Operator,
    "scalar" | "scalars" | "number" | "string" | "pattern" | "size" | "boolean" | "type"
  >
> = {
  eq: "scalar",
  neq: "scalar",
  in: "scalars",
  not_in: "scalars",
  lt: "number",
  lte: "number",
  gt: "number",
  gte: "number",
  regex: "pattern",
  matches: "pattern",
  starts_with: "string",
  ends_with: "string",
  contains: "scalar",
  has_element: "scalar",
  length_lt: "size",
  length_lte: "size",
  length_gt: "size",
  length_gte: "size",
  count_lt: "size",
  count_lte: "size",
  count_gt: "size",
  count_gte: "size",
  exists: "boolean",
  type: "type",
};

const OPERAND_WORDS = {
  scalar: "a text, a number, true or false",
  scalars: "a list of texts, numbers, true or false, with at least one",
  number: "a number",
  string: "a text",
  pattern: "an RE2 expression as text",
  size: "a whole number of 0 or more",
  boolean: "true or false",
  type: `one of ${JSON_TYPES.join(", ")}`,
} as const;

function fits(kind: keyof typeof OPERAND_WORDS, value: unknown): boolean {
  switch (kind) {
    case "scalar":
      return !Array.isArray(value);
    case "scalars":
      return Array.isArray(value) && value.length > 0;
    case "number":
      return typeof value === "number";
    case "string":
    case "pattern":
      return typeof value === "string";
    case "size":
      return Number.isSafeInteger(value) && (value as number) >= 0;
    case "boolean":
      return typeof value === "boolean";
    case "type":
      return JSON_TYPES.includes(value as (typeof JSON_TYPES)[number]);
  }
}

function compileOperand(
  problems: Problems,
  at: Pointer,
  source: file.Condition,
): ir.Operand | undefined {
  const { op, value, value_from: from } = source;
  const kind = OPERANDS[op];
  if ((value === undefined) === (from === undefined)) {
    problems.add(
      "invalid-value",
      at,
      value === undefined
        ? `\`${op}\` needs a \`value\``
        : "`value` and `value_from` exclude each other",
      `write \`value:\` and ${OPERAND_WORDS[kind]}${value === undefined ? "" : ", or `value_from:` alone"}`,
    );
    return undefined;
  }
  if (from !== undefined) {
    if (kind === "pattern" || kind === "boolean" || kind === "type") {
      problems.add(
        "invalid-value",
        [...at, "value_from"],
        `\`${op}\` cannot take its value from the grant`,
        `write \`value:\` and ${OPERAND_WORDS[kind]}`,
      );
      return undefined;
    }
    const path = problems.path([...at, "value_from"], parsePlainPath(from, "grant"));
    if (path === undefined) return undefined;
    if (path.each !== undefined || path.steps.some((step) => typeof step === "number")) {
      problems.add(
        "invalid-path",
        [...at, "value_from"],
        "`value_from` names a whole attribute",
        `write \`grant.${quoted(String(path.steps[0]))}\`; a list goes with \`in\``,
      );
      return undefined;
    }
    return { grant: path.steps as readonly string[] };
  }
  if (!fits(kind, value)) {
    problems.add(
      "invalid-value",
      [...at, "value"],
      `\`${op}\` takes ${OPERAND_WORDS[kind]}`,
      `write \`value:\` and ${OPERAND_WORDS[kind]}`,
    );
    return undefined;
  }
  if (kind === "pattern") {
    const problem = problems.pattern(value as string, op === "matches");
    if (problem !== undefined) {
      problems.add("invalid-regex", [...at, "value"], problem.problem, problem.help);
      return undefined;
    }
  }
  return { literal: value as ir.Scalar | readonly ir.Scalar[] };
}

function compileLimit(problems: Problems, at: Pointer, source: file.Limit): ir.Limit {
  if (source.increment_from !== undefined && source.distinct !== undefined) {
    problems.add(
      "invalid-value",
      at,
      "`increment_from` and `distinct` exclude each other",
      "a limit counts one thing: calls, a sum, or patients",
    );
  }
  const path =
    source.increment_from === undefined
      ? undefined
      : problems.path([...at, "increment_from"], parsePlainPath(source.increment_from, "args"));
  if (path?.each !== undefined) {
    problems.add(
      "invalid-path",
      [...at, "increment_from"],
      "`increment_from` names one number",
      "write the path without `[*]`",
    );
  }
  return {
    counter: source.counter,
    window: source.window,
    max: source.max,
    scope: source.scope ?? "grant",
    ...(path === undefined ? {} : { incrementFrom: path }),
    ...(source.distinct === undefined ? {} : { distinct: source.distinct }),
  };
}

export function compileGrant(located: Located<file.GrantFile>, id: string): Compiled<ir.Grant> {
  const problems = new Problems(located);
  const source = located.value;
  if (source.id !== undefined && source.id !== id) {
    problems.add(
      "invalid-value",
      ["id"],
      "the id differs from the file's name",
      `write \`id: ${id}\`, or rename the file`,
    );
  }
  const issued = problems.day(["issued"], source.issued);
  const expires = problems.day(["expires"], source.expires);
  if (problems.findings.length === 0 && expires <= issued) {
    problems.add(
      "invalid-value",
      ["expires"],
      "the grant expires before it is issued",
      "write a day after `issued`",
    );
  }
  if (problems.findings.length === 0 && expires - issued > MAX_GRANT_DAYS * DAY) {
    problems.add(
      "invalid-value",
      ["expires"],
      `the grant lasts more than ${MAX_GRANT_DAYS} days`,
      `write a day at most ${MAX_GRANT_DAYS} days after \`issued\`, and renew it then`,
    );
  }
  const access: Record<string, string> = {};
  let audit: "read" | "sign" | undefined;
  for (const [index, item] of source.access.entries()) {
    if (item.audit !== undefined) audit = item.audit;
    if (item.server === undefined) continue;
    if (Object.hasOwn(access, item.server)) {
      problems.add(
        "duplicate",
        ["access", index, "server"],
        `the server \`${item.server}\` stands twice in \`access\``,
        "keep one: a grant has one policy for a server",
      );
    }
    access[item.server] = item.policy!;
  }
  const { oidc } = source.authentication ?? {};
  return problems.result({
    id,
    principal: source.principal,
    purpose: source.purpose,
    ...(source.justification === undefined ? {} : { justification: source.justification }),
    access: sortRecord(access),
    ...(audit === undefined ? {} : { audit }),
    attributes: sortRecord(source.attributes ?? {}),
    ...(oidc === undefined ? {} : { oidc }),
    issued,
    expires,
    ...(source.lastReview === undefined
      ? {}
      : {
          lastReview: {
            on: problems.day(["lastReview", "on"], source.lastReview.on),
            by: source.lastReview.by,
          },
        }),
    ...(source.breakGlass === undefined
      ? {}
      : {
          breakGlass: {
            openers: sortedSet(source.breakGlass.openers),
            maxMs: parseDuration(source.breakGlass.max),
          },
        }),
    ...monitored(source.mode),
  });
}

export function compileServer(
  located: Located<file.ServerFile>,
  id: string,
  lock: ir.Lock | undefined,
): Compiled<ir.Server> {
  const problems = new Problems(located);
  const source = located.value;
  if (source.id !== id) {
    problems.add(
      "invalid-value",
      ["id"],
      "the id differs from the file's name",
      `write \`id: ${id}\`, or rename the file`,
    );
  }
  const labels = (key: "tools" | "methods"): Record<string, ir.Label> =>
    mapRecord(source[key] ?? {}, (label, name) => compileLabel(problems, [key, name], label));
  const baa = source.vendor?.baa;
  return problems.result({
    id,
    baa: {
      status: baa?.status ?? "none",
      ...(baa?.signed === undefined
        ? {}
        : { signed: problems.day(["vendor", "baa", "signed"], baa.signed) }),
      ...(baa?.expires === undefined
        ? {}
        : { expires: problems.day(["vendor", "baa", "expires"], baa.expires) }),
    },
    transport: (source.transport ?? {}) as unknown as JsonObject,
    readOnlyCredential: source.readOnlyCredential === true,
    ...monitored(source.mode),
    tools: labels("tools"),
    methods: labels("methods"),
    ...(lock === undefined ? {} : { lock }),
  });
}

/** To enforce is what everything does that says nothing, so both compile to the same. */
function monitored(mode: "enforce" | "monitor" | undefined): { readonly mode?: "monitor" } {
  return mode === "monitor" ? { mode } : {};
}

function compileLabel(problems: Problems, at: Pointer, source: file.LabelFile): ir.Label {
  const byArgument = <Written extends string | boolean | string[], T>(
    key: "effect" | "ephi" | "subject",
    written: Written | { by: string; cases: Record<string, Written> } | undefined,
    worst: T,
    compile: (at: Pointer, written: Written) => T,
  ): T | ir.ByArgument<T> => {
    if (written === undefined) return worst;
    if (typeof written !== "object" || Array.isArray(written))
      return compile([...at, key], written);
    const by = problems.path([...at, key, "by"], parsePlainPath(written.by, "args"));
    const cases = mapRecord(written.cases, (one, name) =>
      compile([...at, key, "cases", name], one),
    );
    return by === undefined ? worst : { by, cases };
  };
  return {
    effect: byArgument<ir.Effect, ir.Effect>(
      "effect",
      source.effect,
      WORST_LABEL.effect,
      (_, one) => one,
    ),
    ephi: byArgument<boolean, boolean>("ephi", source.ephi, WORST_LABEL.ephi, (_, one) => one),
    volume: source.volume ?? WORST_LABEL.volume,
    subject: byArgument<string | string[], ir.Subject>(
      "subject",
      source.subject,
      WORST_LABEL.subject,
      (pointer, one) => compileSubject(problems, pointer, one),
    ),
    resultSubjects: source.resultSubjects ?? [],
  };
}

function compileSubject(problems: Problems, at: Pointer, source: string | string[]): ir.Subject {
  if (source === "none" || source === "unknown") return source;
  const many = Array.isArray(source);
  return [source].flat().flatMap((text, index) => {
    const path = problems.path(many ? [...at, index] : at, parsePlainPath(text, "args"));
    return path === undefined ? [] : [path];
  });
}

/** The digest of a tool object as a server lists it, without `_meta`. */
export function pinTool(tool: JsonObject): ir.Pin {
  const definition = Object.fromEntries(Object.entries(tool).filter(([key]) => key !== "_meta"));
  return { digest: digestOf(definition), definition };
}

export function compileLock(located: Located<file.LockFile>, server: string): Compiled<ir.Lock> {
  const problems = new Problems(located);
  const source = located.value;
  if (source.server !== server) {
    problems.add(
      "invalid-value",
      ["server"],
      "the server differs from the file's name",
      `write "server": "${server}", or rename the file`,
    );
  }
  const tools = new Map<string, ir.Pin>();
  for (const [index, { digest, ...definition }] of source.tools.entries()) {
    if (definition.name === "__proto__") {
      problems.add(
        "invalid-value",
        ["tools", index, "name"],
        "`__proto__` cannot be the name of a tool",
        "remove it, and the server from the registry: no honest server has such a tool",
      );
    }
    const pin = pinTool(definition as unknown as JsonObject);
    if (pin.digest !== digest) {
      problems.add(
        "invalid-value",
        ["tools", index, "digest"],
        `the digest of \`${quoted(definition.name)}\` does not belong to its definition`,
        "a lock is written by `phiward scan`, never by hand",
      );
    }
    if (tools.has(definition.name)) {
      problems.add(
        "duplicate",
        ["tools", index, "name"],
        `the tool \`${quoted(definition.name)}\` is pinned twice`,
        "scan the server again",
      );
    }
    tools.set(definition.name, pin);
  }
  return problems.result({
    ...(source.instructions === undefined ? {} : { instructions: source.instructions }),
    tools: sortRecord(Object.fromEntries(tools)),
  });
}

/** A name that a person gave to a file, with the nearest one that exists. */
export function unknownName(
  kind: string,
  name: string,
  known: Iterable<string>,
): { message: string; help: string } {
  return { message: `unknown ${kind} \`${quoted(name)}\``, help: didYouMean(name, known) };
}

function sortedSet(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}

/** Sorted, so that the order in a file never reaches the compiled value. */
function sortRecord<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function mapRecord<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T, key: string) => U,
): Record<string, U> {
  return sortRecord(
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)])),
  );
}
