/** What an editor shows about a place: what a rule does, when its turn comes, and what its schema says. */
import { describeLimit } from "../compare/quota.ts";
import { describeCondition } from "../decide/condition.ts";
import { own } from "../json/value.ts";
import type { Entry, Limit, Policy, RuleSet } from "../policy/ir.ts";
import type { LoadedRepository } from "../policy/load.ts";
import { formatPointer, type Pointer } from "../source.ts";
import { formatOf, nameOf } from "./formats.ts";
import { BEFORE_POLICY, orderOf } from "./order.ts";
import { schemaWords } from "./schema-words.ts";

/** Markdown; undefined where nothing is to be said. Text of the file stands in it as code. */
export function hover(
  loaded: LoadedRepository,
  file: string,
  pointer: Pointer,
): string | undefined {
  const format = formatOf(file);
  if (format === undefined) return undefined;
  const policy = format === "policy" ? loaded.policies.get(nameOf(file))?.compiled : undefined;
  const rule = policy === undefined ? undefined : ruleWords(policy, pointer);
  const words = schemaWords(format, pointer);
  const example = words?.examples[0];
  const parts = [
    rule,
    words?.description,
    example === undefined ? undefined : `Example: ${code(JSON.stringify(example))}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join("\n\n");
}

interface Site {
  readonly section: "tools" | "methods" | "all_tools";
  readonly name: string;
  readonly rules: RuleSet;
  /** What stands below the rule set. */
  readonly rest: Pointer;
}

function siteOf(policy: Policy, pointer: Pointer): Site | undefined {
  const [section, second, ...rest] = pointer;
  if (section === "all_tools") {
    return { section, name: "", rules: policy.allTools, rest: pointer.slice(1) };
  }
  if ((section !== "tools" && section !== "methods") || typeof second !== "string")
    return undefined;
  const rules = own(policy[section], second);
  return rules === undefined ? undefined : { section, name: second, rules, rest };
}

function ruleWords(policy: Policy, pointer: Pointer): string | undefined {
  const site = siteOf(policy, pointer);
  if (site === undefined) return undefined;
  const [kind, index] = site.rest;
  if (kind === undefined) return targetWords(policy, site);
  if (kind === "args") return `${argsWords(site)}\n\n${turn(policy, site, ["args"])}`;
  if (typeof index !== "number") return undefined;
  const what = partWords(site.rules, String(kind), index);
  return what === undefined ? undefined : `${what}\n\n${turn(policy, site, [kind, index])}`;
}

function targetWords(policy: Policy, { section, name, rules }: Site): string {
  if (section === "all_tools")
    return "These rules judge every tool that the policy reaches, after the tool's own.";
  const steps = orderOf(policy, section, name);
  const hidden = policy.hide === "*" || policy.hide.includes(name);
  if (hidden) return `${code(name)} is hidden: every call of it is denied.`;
  if (steps.length === 0)
    return `Every call of ${code(name)} is allowed that its pinned schema accepts.`;
  const list = steps.map(
    (step, at) => `${at + 1}. ${code(step)}: ${describeStep(policy, rules, step)}`,
  );
  return `A call of ${code(name)} is judged in this order, after ${BEFORE_POLICY}; the first that denies decides:\n\n${list.join("\n")}`;
}

function describeStep(policy: Policy, own: RuleSet, pointer: string): string {
  const rules = pointer.startsWith("/all_tools/") ? policy.allTools : own;
  const [kind = "", index = ""] = pointer.split("/").slice(-2);
  if (index === "args") return argsText(own);
  const words = partWords(rules, kind, Number(index)) ?? "";
  return words.split("\n")[0]!;
}

function partWords(rules: RuleSet, kind: string, index: number): string | undefined {
  if (kind === "require") return entryWords(rules.require[index], "require");
  if (kind === "deny_if") return entryWords(rules.denyIf[index], "deny_if");
  return kind === "limits" ? limitWords(rules.limits[index]) : undefined;
}

function entryWords(entry: Entry | undefined, kind: "require" | "deny_if"): string | undefined {
  if (entry === undefined) return undefined;
  const groups = entry.anyOf.map((group) =>
    group.map((condition) => code(describeCondition(condition))).join(" and "),
  );
  const said = groups.length === 1 ? groups[0]! : groups.map((group) => `(${group})`).join(" or ");
  return kind === "require"
    ? `denies unless ${said}\n\nWhat cannot be judged, because an argument is absent or of another type, denies.`
    : `denies if ${said}\n\nIt also denies what cannot be judged: an argument that is absent or of another type. To let such a call pass, put \`exists\` first.`;
}

function limitWords(limit: Limit | undefined): string | undefined {
  return limit === undefined
    ? undefined
    : `denies what comes after ${code(describeLimit(limit))}\n\nWindows are aligned to UTC. All limits of a call are taken together or none is; denied calls take nothing.`;
}

function argsWords({ rules }: Site): string {
  return argsText(rules);
}

function argsText({ args = [] }: RuleSet): string {
  return args.length === 0
    ? "denies a call with any argument"
    : `denies a call with any argument but ${args.map(code).join(", ")}`;
}

/** Which step of how many it is, of what it judges. */
function turn(policy: Policy, { section, name }: Site, part: Pointer): string {
  if (section === "all_tools") {
    return `It judges every tool of the policy, after the tool's own rules${part[0] === "limits" ? " and limits" : " and before the limits"}.`;
  }
  const steps = orderOf(policy, section, name);
  const at = steps.indexOf(formatPointer([section, name, ...part]));
  const before = steps[at - 1];
  return `Step ${at + 1} of ${steps.length} for ${code(name)}, after ${before === undefined ? BEFORE_POLICY : code(before)}. When it decides, the log names ${code(steps[at] ?? "")}.`;
}

/** A text as code, whatever backticks are in it. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${pad}${text.replaceAll("\n", " ")}${pad}${fence}`;
}
