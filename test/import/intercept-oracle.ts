// What an Intercept policy means, written a second time from its documentation (POLICY.md) and the
// verdicts of its own tests. It shares nothing with the importer or with our decision, not even types:
// a misreading in a shared helper would agree with itself. It judges what Intercept loads; a policy
// that Intercept refuses has no verdict.

export interface Policy {
  version?: unknown;
  default?: string;
  hide?: string[];
  tools?: Record<string, { rules?: Rule[] } | null>;
}

export interface Rule {
  name?: string;
  action?: string;
  rate_limit?: string;
  conditions?: Condition[];
  on_deny?: string;
  state?: State;
}

export interface Condition {
  path: string;
  op: string;
  value?: unknown;
}

interface State {
  counter: string;
  window: string;
  increment?: number;
  increment_from?: string;
}

/**
 * Counters of one window, by `scope.counter`. A real store answers zero for one that never counted, so
 * whoever asks fills it in; `undefined`: no store, and state conditions pass.
 */
export type Store = Map<string, number> | undefined;

export function interceptAllows(
  policy: Policy,
  tool: string,
  args: Record<string, unknown>,
  store: Store,
): boolean {
  const tools = policy.tools ?? {};
  if ((policy.hide ?? []).some((name) => name === tool || name === "*")) return false;
  if (policy.default === "deny" && !Object.hasOwn(tools, tool)) return false;
  const rules = [
    ...rulesOf(tools, tool, tool),
    ...(tool === "*" ? [] : rulesOf(tools, "*", "_global")),
  ];
  for (const { rule } of rules) {
    if (rule.action === "deny") return false;
    if (!(rule.conditions ?? []).every((one) => holds(one, args, store))) return false;
  }
  return store === undefined || reserve(rules, args, store);
}

interface Scoped {
  rule: Rule;
  scope: string;
}

function rulesOf(tools: NonNullable<Policy["tools"]>, key: string, scope: string): Scoped[] {
  const found = Object.hasOwn(tools, key) ? tools[key] : undefined;
  return (found?.rules ?? []).map((rule) => ({ rule: withoutShorthand(rule, scope), scope }));
}

/** `rate_limit: 5/hour` is a counter of its own with `lte 5`. */
function withoutShorthand(rule: Rule, scope: string): Rule {
  if (rule.rate_limit === undefined || rule.rate_limit === "") return rule;
  const [count, window] = rule.rate_limit.split("/") as [string, string];
  const counter = `_rate_${window}`;
  return {
    ...rule,
    action: "evaluate",
    conditions: [{ path: `state.${scope}.${counter}`, op: "lte", value: Number(count) }],
    state: { counter, window },
  };
}

function holds(
  { path, op, value }: Condition,
  args: Record<string, unknown>,
  store: Store,
): boolean {
  if (path.startsWith("state.") && store === undefined) return true;
  const found = path.startsWith("state.")
    ? (store as Map<string, number>).get(path.slice("state.".length))
    : walk(args, path.slice("args.".length).split("."));
  if (op === "exists") return (found !== undefined && found !== null) === value;
  return found !== undefined && compare(op, found, value);
}

function walk(args: Record<string, unknown>, steps: string[]): unknown {
  let at: unknown = args;
  for (const step of steps) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return undefined;
    if (!Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}

export function compare(op: string, found: unknown, value: unknown): boolean {
  const bothNumbers = typeof found === "number" && typeof value === "number";
  switch (op) {
    case "eq":
      return same(found, value);
    case "neq":
      return !same(found, value);
    case "in":
      return Array.isArray(value) && value.some((member) => same(found, member));
    case "not_in":
      return !(Array.isArray(value) && value.some((member) => same(found, member)));
    case "lt":
      return bothNumbers && found < value;
    case "lte":
      return bothNumbers && found <= value;
    case "gt":
      return bothNumbers && found > value;
    case "gte":
      return bothNumbers && found >= value;
    case "regex":
      return (
        typeof found === "string" && typeof value === "string" && new RegExp(value, "u").test(found)
      );
    case "contains":
      if (typeof found === "string") return typeof value === "string" && found.includes(value);
      return Array.isArray(found) && found.some((element) => same(element, value));
    default:
      return false;
  }
}

/** Numbers as numbers; everything else as the text that it prints as. */
function same(a: unknown, b: unknown): boolean {
  return typeof a === "number" && typeof b === "number" ? a === b : print(a) === print(b);
}

/** As Go's `%v` prints what JSON decodes to. */
function print(value: unknown): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(print).join(" ")}]`;
  if (typeof value === "object") {
    const members = Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${members.map(([key, member]) => `${key}:${print(member)}`).join(" ")}]`;
  }
  // Good up to 999,999; from a million on Go writes an exponent.
  return String(value);
}

/** All together or none; a rule without an `lt` or `lte` on its own counter never counts. */
function reserve(
  rules: Scoped[],
  args: Record<string, unknown>,
  store: Map<string, number>,
): boolean {
  const taken: [string, number][] = [];
  for (const { rule, scope } of rules) {
    const { state } = rule;
    if (state === undefined) continue;
    const limit = limitOf(rule, `state.${scope}.${state.counter}`);
    if (limit === undefined) continue;
    const amount = amountOf(state, args);
    const key = `${scope}.${state.counter}`;
    const used = store.get(key) ?? 0;
    if (amount === undefined || used + amount > limit) {
      for (const [key, amount] of taken) store.set(key, store.get(key)! - amount);
      return false;
    }
    store.set(key, used + amount);
    taken.push([key, amount]);
  }
  return true;
}

function limitOf(rule: Rule, counter: string): number | undefined {
  for (const { path, op, value } of rule.conditions ?? []) {
    if (path !== counter || typeof value !== "number") continue;
    if (op === "lt") return Math.trunc(value) - 1;
    if (op === "lte") return Math.trunc(value);
  }
  return undefined;
}

function amountOf(state: State, args: Record<string, unknown>): number | undefined {
  if (state.increment_from === undefined) return state.increment || 1;
  const found = walk(args, state.increment_from.slice("args.".length).split("."));
  return typeof found === "number" ? Math.trunc(found) : undefined;
}
