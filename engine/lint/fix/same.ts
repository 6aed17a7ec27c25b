/** Whether two versions of a repository decide every call alike, by proof. */
import { canonical, type Json, own } from "../../json/value.ts";
import type { Policy, RuleSet } from "../../policy/ir.ts";
import type { LoadedRepository } from "../../policy/load.ts";
import { allowsMore } from "../../prove/prove.ts";
import { type LintContext, lintContext } from "../context.ts";
import { openSide, type Ruled } from "../proofs.ts";

/**
 * Why it is not known that `after` allows and denies what `before` does, for all calls, all grants and
 * all times; undefined where it is proved. Comments and formatting never decide, and neither do tests.
 */
export function whyNotSame(
  before: LoadedRepository,
  after: LoadedRepository,
  now: number,
): string | undefined {
  const errors = new Set(errorsOf(before));
  if (errorsOf(after).some((error) => !errors.has(error))) return "the file would have an error";
  const [base, head] = [before.repository, after.repository];
  if (base.digest === head.digest) return undefined;
  const rest = ({ policies: _, digest: __, ...others }: typeof base): string =>
    canonical(others as unknown as Json);
  if (rest(base) !== rest(head)) return "more than policies would change";
  const names = Object.keys(base.policies);
  if (names.length !== Object.keys(head.policies).length) return "a policy would be lost";
  const [was, is] = [lintContext(before, now, []), lintContext(after, now, [])];
  for (const name of names) {
    const why = whyPolicyNotSame(was, is, name);
    if (why !== undefined) return why;
  }
  return undefined;
}

function errorsOf({ findings }: LoadedRepository): string[] {
  return findings
    .filter(({ severity }) => severity === "error")
    .map(({ rule, message, place }) => JSON.stringify([rule, message, place.file]));
}

function whyPolicyNotSame(was: LintContext, is: LintContext, name: string): string | undefined {
  const facts = was.policies.find((one) => one.name === name);
  const head = own(is.loaded.repository.policies, name);
  if (facts === undefined || head === undefined) return "a policy would be lost";
  const base = facts.policy;
  if (base.digest === head.digest) return undefined;
  if (apartFromEntries(base) !== apartFromEntries(head)) return "more than conditions would change";
  // The pair that could not be read may be the one that makes the difference.
  if (was.unreadGrants || facts.servers.some((id) => !was.servers.has(id))) {
    return "a grant or a server with errors uses this policy";
  }
  for (const ruled of was.proofs.ruled(base)) {
    const after: Ruled = { ...ruled, policy: head };
    const [a, b] = [openSide(was.ready, ruled), openSide(is.ready, after)];
    const answers = [allowsMore(a, b).answer, allowsMore(b, a).answer];
    if (answers.includes("yes")) return "a call would be decided otherwise";
    if (answers.includes("unknown")) return "it could not be proved that no call changes";
  }
  return undefined;
}

/** Everything of a policy that no fix touches, as text. */
function apartFromEntries({
  name,
  default: otherwise,
  hide,
  allTools,
  tools,
  methods,
}: Policy): string {
  const rules = ({ args, limits, onDeny }: RuleSet): object => ({
    args: args ?? null,
    limits,
    onDeny: onDeny ?? null,
  });
  const all = (known: Policy["tools"]): object =>
    Object.fromEntries(Object.entries(known).map(([key, set]) => [key, rules(set)]));
  const kept = {
    name,
    otherwise,
    hide,
    allTools: rules(allTools),
    tools: all(tools),
    methods: all(methods),
  };
  return canonical(kept as unknown as Json);
}
