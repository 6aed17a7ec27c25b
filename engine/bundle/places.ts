/** What a release can name the origin of: each grant, and each rule of each policy. */
import { type Digest, digestOf } from "../json/value.ts";
import type { Policy, Repository, RuleSet } from "../policy/ir.ts";
import { formatPointer } from "../source.ts";

export type Place =
  | { readonly grant: string }
  | { readonly policy: string /** A JSON Pointer. */; readonly rule: string };

export interface PlacedText {
  readonly place: Place;
  /**
   * The same in two revisions exactly when the text is the same. Rules of a list are told apart by
   * what they say and not by where they stand: one that moved has not changed.
   */
  readonly mark: Digest;
}

/** In an order that depends on the repository alone. */
export function placesOf({ grants, policies }: Repository): readonly PlacedText[] {
  return [
    ...sorted(grants).map(([id, grant]) => ({
      place: { grant: id },
      mark: digestOf(["grant", id, grant]),
    })),
    ...sorted(policies).flatMap(([, policy]) => rulesOf(policy)),
  ];
}

function rulesOf(policy: Policy): readonly PlacedText[] {
  const { name } = policy;
  const text = (rule: string, value: unknown): PlacedText => ({
    place: { policy: name, rule },
    mark: digestOf([name, rule, value]),
  });
  return [
    text("/default", policy.default),
    text("/hide", policy.hide),
    ...ruleSet(name, ["all_tools"], policy.allTools),
    ...sorted(policy.tools).flatMap(([tool, rules]) => ruleSet(name, ["tools", tool], rules)),
    ...sorted(policy.methods).flatMap(([method, rules]) =>
      ruleSet(name, ["methods", method], rules),
    ),
  ];
}

/** The set as a whole, which an allowed call owes itself to, and then each rule that may deny. */
function ruleSet(policy: string, at: readonly string[], rules: RuleSet): readonly PlacedText[] {
  const whole = formatPointer(at);
  const args = formatPointer([...at, "args"]);
  return [
    { place: { policy, rule: whole }, mark: digestOf([policy, whole, rules]) },
    ...(rules.args === undefined
      ? []
      : [{ place: { policy, rule: args }, mark: digestOf([policy, args, rules.args]) }]),
    ...listed(policy, [...at, "require"], rules.require),
    ...listed(policy, [...at, "deny_if"], rules.denyIf),
    ...listed(policy, [...at, "limits"], rules.limits),
  ];
}

function listed(
  policy: string,
  at: readonly string[],
  rules: readonly unknown[],
): readonly PlacedText[] {
  const seen = new Map<string, number>();
  return rules.map((rule, index) => {
    const says = digestOf(rule);
    const before = seen.get(says) ?? 0;
    seen.set(says, before + 1);
    return {
      place: { policy, rule: formatPointer([...at, index]) },
      mark: digestOf([policy, formatPointer(at), says, before]),
    };
  });
}

function sorted<T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
