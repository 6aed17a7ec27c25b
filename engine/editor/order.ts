/** In which order the rules of a policy judge a call, and where one of them stands in it. */
import { own } from "../json/value.ts";
import type { Policy, RuleSet } from "../policy/ir.ts";
import { formatPointer, type Pointer } from "../source.ts";

/** What is asked before any rule of the policy, in words: docs/language.md has all of it. */
export const BEFORE_POLICY = "grant, server, hidden tools, default, pin and input schema";

/** The pointers of everything that judges a call of one tool or method, in the order of the decision. */
export function orderOf(policy: Policy, section: "tools" | "methods", name: string): string[] {
  const rules = own(policy[section], name);
  if (rules === undefined) return [];
  const all = section === "tools" ? policy.allTools : undefined;
  const at = [section, name];
  return [
    ...(rules.args === undefined ? [] : [formatPointer([...at, "args"])]),
    ...entries(rules, at),
    ...(all === undefined ? [] : entries(all, ["all_tools"])),
    ...limits(rules, at),
    ...(all === undefined ? [] : limits(all, ["all_tools"])),
  ];
}

function entries({ require, denyIf }: RuleSet, at: Pointer): string[] {
  return [
    ...require.map((_, index) => formatPointer([...at, "require", index])),
    ...denyIf.map((_, index) => formatPointer([...at, "deny_if", index])),
  ];
}

function limits(rules: RuleSet, at: Pointer): string[] {
  return rules.limits.map((_, index) => formatPointer([...at, "limits", index]));
}
