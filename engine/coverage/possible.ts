/**
 * Which values a condition can have where it is judged. The prover is asked for a call of some grant
 * that reaches the entry, past every rule that is judged before it, and gives the condition the value.
 * Only "no such call", with an accepted certificate, makes a value impossible.
 */
import type { ReadyRepository } from "../decide/prepare.ts";
import type { Truth } from "../decide/truth.ts";
import type { Policy, RuleSet } from "../policy/ir.ts";
import { checkCertificate } from "../prove/certificate.ts";
import type { Formula } from "../prove/formula.ts";
import { type Asked, find } from "../prove/prove.ts";
import type { Target } from "../prove/rules.ts";
import { askersOf, pairOf, sideOf, targetsOfPair } from "../testing/seats.ts";
import type { ConditionPart, EntryPlace } from "./parts.ts";

const NO_RULES: RuleSet = { require: [], denyIf: [], limits: [] };

export function isPossible(
  repository: ReadyRepository,
  { policy: name, ready, entry }: ConditionPart,
  truth: Truth,
): boolean {
  const policy = repository.policies.get(name)!.source;
  const question = ({ shop, rules: [side] }: Asked): Formula => {
    const { whenTrue, whenFalse } = side!.conditions.condition(ready.source);
    const value = {
      true: whenTrue,
      false: whenFalse,
      undetermined: shop.not(shop.or([whenTrue, whenFalse])),
    }[truth];
    return shop.and([side!.allowed(), value]);
  };
  return askersOf(repository, name).some((asker) => {
    const pair = pairOf(repository, repository, asker);
    const targets: readonly Target[] =
      entry.target === undefined
        ? targetsOfPair(pair).filter((target) => "tool" in target)
        : [entry.target];
    return targets.some((target) => {
      const side = { ...sideOf(pair.original, target), policy: before(policy, entry, target) };
      const answer = find([side], question);
      return answer.answer !== "no" || checkCertificate(answer.certificate) !== undefined;
    });
  });
}

/** The policy with only what is judged before the entry. Limits are judged after every entry. */
function before(policy: Policy, { target, kind, index }: EntryPlace, of: Target): Policy {
  const [section, name] = "tool" in of ? ["tools", of.tool] : ["methods", of.method];
  const own = policy[section as "tools" | "methods"][name!];
  if (target === undefined) {
    const whole = own === undefined ? {} : { [name!]: { ...own, limits: [] } };
    return { ...policy, [section!]: whole, allTools: cut(policy.allTools, kind, index) };
  }
  const rules = own === undefined ? {} : { [name!]: cut(own, kind, index) };
  return { ...policy, [section!]: rules, allTools: NO_RULES };
}

function cut(rules: RuleSet, kind: EntryPlace["kind"], index: number): RuleSet {
  return {
    ...rules,
    require: kind === "require" ? rules.require.slice(0, index) : rules.require,
    denyIf: kind === "require" ? [] : rules.denyIf.slice(0, index),
    limits: [],
  };
}
