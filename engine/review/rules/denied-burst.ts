import { compareText } from "../../finding.ts";
import { HOUR } from "../../policy/time.ts";
import { someSeqs } from "../events.ts";
import { counted, queryCommand, type ReviewRule, timeText } from "../rule.ts";

const FROM_DENIED = 20;
const SHARE = 0.25;

export const deniedBurst: ReviewRule = {
  id: "denied-burst",
  severity: "medium",
  looks: `At least ${FROM_DENIED} calls of a principal were denied within one hour of the clock, and they were at least ${SHARE * 100} of 100 of its calls in that hour.`,
  why: "An agent that was hijacked, or is badly instructed, tries what it may not do, again and again; so does one whose grant no longer fits its work.",
  *check({ work, log }) {
    const bursts = work.filter(
      ({ allowed, denied }) => denied >= FROM_DENIED && denied >= SHARE * (allowed + denied),
    );
    const each = [...Map.groupBy(bursts, ({ principal }) => principal)];
    for (const [principal, hours] of each.sort(([a], [b]) => compareText(a, b))) {
      const worst = hours.reduce((a, b) => (b.denied > a.denied ? b : a));
      const from = worst.hour * HOUR;
      const to = from + HOUR - 1;
      const denied = hours.reduce((sum, one) => sum + one.denied, 0);
      yield {
        id: `denied-burst/${principal}`,
        rule: "denied-burst",
        severity: "medium",
        title: "many denied calls in a short time",
        says: `${worst.denied.toLocaleString("en")} calls of \`${principal}\` were denied within the hour from ${timeText(from)}${hours.length === 1 ? "" : `, and ${counted(denied, "call")} in ${counted(hours.length, "such hour")} of the period`}. Look at what it tried; if its work needs it, the grant is to be changed by review, and otherwise the agent.`,
        principal,
        numbers: { denied, hours: hours.length, worstHour: worst.denied },
        records: someSeqs(log, { kind: "decision", principal, verdict: "deny", from, to }),
        command: queryCommand({
          principal,
          verdict: "deny",
          from: timeText(from),
          to: timeText(to),
        }),
      };
    }
  },
};
