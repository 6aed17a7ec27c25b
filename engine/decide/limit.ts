/** What a call would take from a limit, and whether there is room for it. */

import type { Label } from "../policy/ir.ts";
import { type Charge, fits, limitKey, type Usage } from "../quota/quota.ts";
import type { Call } from "./call.ts";
import { subjectsOf } from "./label.ts";
import type { ReadyGrant, ReadyLimit } from "./prepare.ts";
import { walk } from "./value.ts";

/** The charge, or why the limit denies the call. */
export function judgeLimit(
  { source, tool }: ReadyLimit,
  call: Call,
  grant: ReadyGrant | undefined,
  label: Label,
  usage: Usage,
): { readonly charge: Charge } | { readonly reason: string } {
  const { counter, max, window, distinct, incrementFrom } = source;
  const holder = {
    server: call.server ?? "",
    tool,
    grant: grant?.source.id ?? "",
    principal: grant?.source.principal.id ?? "",
  };
  const key = limitKey(source, holder, call.at);
  let charge: Charge;
  let unit = "calls";
  if (distinct === "subject") {
    const subjects = subjectsOf(label, call.args);
    if (subjects === undefined) {
      return { reason: `limit \`${counter}\` counts patients, and the call does not say which` };
    }
    charge = { key, max, subjects };
    unit = "different patients";
  } else if (incrementFrom !== undefined) {
    const amount = walk(call.args, incrementFrom.steps);
    // A negative amount would give quota back, and one beyond the safe integers would not count.
    if (typeof amount !== "number" || !Number.isSafeInteger(amount) || amount < 0) {
      return {
        reason: `limit \`${counter}\` counts an argument that is not a whole number of 0 or more`,
      };
    }
    if (!Number.isSafeInteger(usage.used(key) + amount)) {
      return { reason: `limit \`${counter}\` would count beyond what can be counted` };
    }
    charge = { key, max, amount };
    unit = "in total";
  } else charge = { key, max, amount: 1 };
  if (fits(source, charge, usage)) return { charge };
  return {
    reason: `limit \`${counter}\`: at most ${max} ${unit} ${window === "hour" ? "an" : "a"} ${window}`,
  };
}
