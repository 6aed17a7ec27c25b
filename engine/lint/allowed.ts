/** A text that a policy lets through although somebody would not have thought so, replayed. */
import { readyCondition } from "../decide/condition.ts";
import { walk } from "../decide/value.ts";
import type { Condition } from "../policy/ir.ts";
import { allowsSome } from "../prove/prove.ts";
import { rulesAllow } from "../prove/replay.ts";
import type { Witness } from "../prove/witness.ts";
import type { LintContext } from "./context.ts";
import { openSide, type Ruled } from "./proofs.ts";

/**
 * The text at the path of the first condition, in a call that the policy allows and of which all the
 * conditions are true; undefined where none was found.
 */
export function allowedText(
  { ready }: LintContext,
  ruled: Ruled,
  conditions: readonly [Condition, ...Condition[]],
): string | undefined {
  const { policy, server, target } = ruled;
  const side = openSide(ready, ruled);
  const judges = conditions.map(readyCondition);
  // What the prover does not interpret, such as whose record it is, the decision's own code judges.
  const confirm = ({ args, grant = {} }: Witness): boolean =>
    judges.every((condition) => condition.judge({ args, grant }) === "true") &&
    rulesAllow(ready, { policy: side.policy ?? policy, server: server?.id, target }, args, grant);
  const answer = allowsSome({ anyOf: [conditions] }, side, { confirm });
  if (answer.answer !== "yes" || !confirm(answer.witness)) return undefined;
  const text = walk(answer.witness.args, conditions[0].path.steps);
  return typeof text === "string" ? text : undefined;
}
