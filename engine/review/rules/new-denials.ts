import { TOOLS_CALL } from "../../decide/call.ts";
import { someSeqs } from "../events.ts";
import { endOf, startOf } from "../period.ts";
import { counted, queryCommand, type ReviewRule, timeText } from "../rule.ts";
import { denialRows } from "../tables.ts";

const FROM = 20;
const TIMES = 5;

export const newDenials: ReviewRule = {
  id: "new-denials",
  severity: "low",
  looks: `A rule denied at least ${FROM} calls of a tool, and at least ${TIMES} times as many as in the period before.`,
  why: "After a change of a policy this is how work that no longer gets done shows; without a change, somebody tries something new.",
  *check(facts) {
    if (facts.coverage.before === "none") return;
    const within = { from: startOf(facts.period), to: endOf(facts.period) - 1 };
    for (const { policy, rule, server, method, tool, denied } of denialRows(facts)) {
      const before = denied.before ?? 0;
      if (denied.now < FROM || denied.now < TIMES * before) continue;
      const of = policy === null ? "" : ` of the policy \`${policy}\``;
      const called = method === TOOLS_CALL ? { tool } : {};
      const filter = { server, ...called, verdict: "deny" as const, rule };
      yield {
        id: `new-denials/${server}/${tool}/${policy ?? ""}:${rule}`,
        rule: "new-denials",
        severity: "low",
        title: "a rule denies much more than before",
        says: `The rule \`${rule}\`${of} denied ${counted(denied.now, "call")} of \`${server}/${tool}\`, after ${before.toLocaleString("en")} in the period before. See whether a release changed it, and whether the work needs these calls.`,
        principal: null,
        numbers: { now: denied.now, before },
        records: someSeqs(facts.log, { kind: "decision", ...filter, ...within }),
        command: queryCommand({
          ...filter,
          from: timeText(within.from),
          to: timeText(within.to),
        }),
      };
    }
  },
};
