/** The ordinary decision as the judge of a call that the prover found. */
import { TOOLS_CALL } from "../decide/call.ts";
import { decide } from "../decide/decide.ts";
import { preparePolicy, type ReadyRepository } from "../decide/prepare.ts";
import type { ReceivedObject } from "../json/value.ts";
import type { Grant, Policy } from "../policy/ir.ts";
import type { Target } from "./rules.ts";

/** Whether the rules alone allow the call: with no quota used, and whatever the grant's dates are. */
export function rulesAllow(
  repository: ReadyRepository,
  of: {
    readonly policy: Policy;
    readonly server: string | undefined;
    readonly target: Target;
    /** Monitor mode is part of the question. */
    readonly monitored?: boolean | undefined;
  },
  args: ReceivedObject,
  facts: ReceivedObject,
): boolean {
  const { policy, server, target, monitored } = of;
  const mode = monitored === true ? { mode: "monitor" } : {};
  const source = { id: "", principal: { id: "" }, ...mode } as Grant;
  const grant = { source, facts, access: new Map() };
  const asked = {
    ...repository,
    grants: new Map([["", grant]]),
    policies: new Map([["", preparePolicy(policy)]]),
  };
  const call = {
    grant: "",
    policy: "",
    ...(server === undefined ? {} : { server }),
    ...("tool" in target
      ? { method: TOOLS_CALL, tool: target.tool }
      : { method: target.method, tool: "" }),
    args,
    at: 0,
  };
  return decide(asked, call).decision.verdict === "allow";
}
